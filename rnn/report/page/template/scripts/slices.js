// Runs a generator for a few milliseconds in each frame, which keeps the page responsive, until it is
// done. Returns a function that ends it before.
function inSlices(work) {
  let frame = null;
  const goOn = () => {
    const until = performance.now() + 8;
    do {
      if (work.next().done) return;
    } while (performance.now() < until);
    frame = requestAnimationFrame(goOn);
  };
  frame = requestAnimationFrame(goOn);
  return () => cancelAnimationFrame(frame);
}
