// A run of training, as in rnn/training.py: sequence after sequence, the state carried over from one
// to the next and zero at the start of an epoch.
const SMOOTHING = 0.001;

// `settings` has optimiser, rate, clip, clipBy and T; `shape` has cell, hiddenSize and vocabulary.
function trainingRun(shape, weights, text, settings) {
  const { optimiser, rate, clip, clipBy, T } = settings, rule = optimisers[optimiser];
  const perEpoch = Math.floor((text.length - 1) / T), learning = learner(shape, weights, T);
  const memory = Array.from({ length: rule.rows }, () => new Float64Array(weights.length));
  const limit = clips[clipBy];
  const run = { step: 0, loss: NaN, smoothLoss: NaN, diverged: false, perEpoch, learning, advance };

  // Makes an update, and returns whether it did: it stops at a loss that is not a finite number.
  function advance() {
    if (run.step % perEpoch === 0) for (const state of learning.work.states) state.fill(0, 0, learning.work.m);
    run.loss = gradients(learning, text, (run.step % perEpoch) * T);
    if (!Number.isFinite(run.loss)) {
      run.diverged = true;
      return false;
    }
    run.smoothLoss = run.step ? (1 - SMOOTHING) * run.smoothLoss + SMOOTHING * run.loss : run.loss;
    limit(learning.gradient, clip);
    rule.update(weights, learning.gradient, memory, rate, run.step);
    carry(learning);
    run.step += 1;
    return true;
  }
  return run;
}
