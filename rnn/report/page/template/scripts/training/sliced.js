const SAMPLE = 200; // characters

// The stream of the samples' random numbers, as in rnn/numerics/generator.py.
const EVOLUTION = 1;

// After these updates there is a measurement in any case: the text changes fastest at first.
const EARLY = [100, 300, 1000];

// A run in slices: its updates, and what is measured now and then in between.
function slicedRun({ shape, weights, text, heldOut, settings }) {
  const run = trainingRun(shape, weights, text, settings), history = lossHistory(), measured = [];
  const running = network({ ...shape, weights }), random = generator(settings.seed, EVOLUTION);
  const found = { step: null, sample: [], radius: NaN, heldOut: NaN };
  const again = learner(shape, weights, settings.T, false);
  let spent = 0, busy = 0, job = null, due = 0;

  const start = () => (run.step % run.perEpoch) * settings.T;
  // Measuring takes no more than an eighth of the time of training.
  function* measure() {
    const began = busy, state = stateOf(run.learning), { step } = run;
    const sample = yield* writing(running, state, text[start()], SAMPLE, random);
    const radius = shape.cell === "rnn" ? yield* spectralRadius(run.learning.p.W, shape.hiddenSize) : NaN;
    const loss = yield* heldOutLoss(shape, weights, heldOut, state);
    Object.assign(found, { step, sample, radius, heldOut: loss });
    if (Number.isFinite(loss)) measured.push([step, loss * settings.T]);
    due = spent + Math.max(8 * (busy - began), 1000);
  }
  const advance = () => {
    job = null; // what was half measured is of another network
    if (!run.advance()) return false;
    history.add(run.step, run.loss, run.smoothLoss);
    return true;
  };

  // Makes an update, and returns the loss of its sequence after it; undefined if there can be none.
  const once = () => {
    const from = start(), state = from ? stateOf(run.learning) : running.zero();
    if (!advance()) return undefined;
    setState(again, state);
    return readSequence(again, text, from);
  };

  // Works for so many milliseconds; returns whether the run can go on.
  const slice = (milliseconds) => {
    const began = performance.now(), until = began + milliseconds;
    let now = began, going = true;
    while (going && now < until) {
      const early = EARLY.includes(run.step) && found.step !== run.step;
      if (!job && (early || spent >= due)) job = measure();
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
    run, shape, weights, text, found, slice, advance, once, history, measured, settings,
    perSecond: () => (1000 * run.step) / (spent || NaN),
  };
}
