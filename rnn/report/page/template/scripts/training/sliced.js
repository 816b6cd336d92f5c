const SAMPLE = 200; // characters

// The stream of the samples' random numbers, as in rnn/numerics/generator.py.
const EVOLUTION = 1;

// A run in slices: its updates, and what is measured now and then in between.
function slicedRun({ shape, weights, text, heldOut, settings }) {
  const run = trainingRun(shape, weights, text, settings), history = lossHistory(), measured = [];
  const running = network({ ...shape, weights }), random = generator(settings.seed, EVOLUTION);
  const found = { sample: [], radius: NaN, heldOut: NaN };
  let spent = 0, busy = 0, job = null, due = 0;

  const place = () => text[(run.step % run.perEpoch) * settings.T];
  // Measuring takes no more than an eighth of the time of training.
  function* measure() {
    const began = busy, state = stateOf(run.learning);
    found.sample = yield* writing(running, state, place(), SAMPLE, random);
    if (shape.cell === "rnn") found.radius = yield* spectralRadius(run.learning.p.W, shape.hiddenSize);
    found.heldOut = yield* heldOutLoss(shape, weights, heldOut, state);
    if (Number.isFinite(found.heldOut)) measured.push([run.step, found.heldOut * settings.T]);
    due = spent + Math.max(8 * (busy - began), 1000);
  }
  const advance = () => {
    job = null; // what was half measured is of another network
    if (!run.advance()) return false;
    history.add(run.step, run.loss, run.smoothLoss);
    return true;
  };

  // Works for so many milliseconds; returns whether the run can go on.
  const slice = (milliseconds) => {
    const began = performance.now(), until = began + milliseconds;
    let now = began, going = true;
    while (going && now < until) {
      if (!job && spent >= due) job = measure();
      const before = now;
      if (job) {
        if (job.next().done) job = null;
        now = performance.now();
        busy += now - before;
      } else {
        going = advance();
        now = performance.now();
        spent += now - before;
      }
    }
    return going;
  };
  return {
    run, shape, weights, text, found, slice, advance, history, measured, settings,
    perSecond: () => (1000 * run.step) / (spent || NaN),
  };
}
