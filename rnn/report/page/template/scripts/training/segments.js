// A text that is read in segments, the state carried from one to the next. This takes longer than a
// frame may, so it is a generator.
const SEGMENT = 20; // characters

// Yields the loss of each segment and its length; if the network `learns`, also its gradient, and
// nothing in between, where the caller may pause.
function* segments(shape, weights, text, state, learns = false) {
  let reading = null, before = state;
  for (let start = 0; start < text.length - 1; start += SEGMENT) {
    const length = Math.min(SEGMENT, text.length - 1 - start);
    if (reading?.work.T !== length) reading = learner(shape, weights, length, learns);
    setState(reading, before);
    const loss = readSequence(reading, text, start);
    if (learns) {
      yield;
      if (Number.isFinite(loss)) learnFrom(reading);
    }
    carry(reading);
    before = stateOf(reading);
    yield { loss, length, gradient: reading.gradient };
  }
}
