// Runs a generator for `time` milliseconds in each frame, a few, which keeps the page responsive. `pause` is
// called after each frame's work, with the frame's time, and `done` with what the generator returns.
// Returns a function that ends it before.
function inSlices(work, { time = 8, pause = () => {}, done = () => {} } = {}) {
  let frame = null;
  const goOn = (now) => {
    const until = performance.now() + time;
    let step;
    do step = work.next();
    while (!step.done && performance.now() < until);
    if (!step.done) frame = requestAnimationFrame(goOn);
    pause(now);
    if (step.done) done(step.value);
  };
  frame = requestAnimationFrame(goOn);
  return () => cancelAnimationFrame(frame);
}

// Runs a generator to its end, and returns what it returns.
function atOnce(work) {
  let step;
  do step = work.next();
  while (!step.done);
  return step.value;
}
