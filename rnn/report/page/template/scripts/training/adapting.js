// Adapting, as in rnn/analysis/adapting.py: a network that goes on learning from a text while it
// reads it. Each segment is scored first and learned from afterwards. These are generators, since
// they take longer than a frame may; where they yield nothing, the caller may pause.
const MEASURED = 20_000; // characters at most, for the sizes of the gradients
const LEAST = 0.03; // of the mean size

// How large the gradient of each parameter is on a text, with the mean 1.
function* gradientSizes(shape, weights, text, state) {
  const sizes = new Float64Array(weights.length);
  let count = 0;
  for (const segment of segments(shape, weights, text.slice(-MEASURED), state, true)) {
    yield;
    if (!segment) continue;
    for (let i = 0; i < sizes.length; i++) sizes[i] += segment.gradient[i] * segment.gradient[i];
    count += 1;
  }
  let sum = 0;
  for (let i = 0; i < sizes.length; i++) sum += sizes[i] = Math.sqrt(sizes[i] / Math.max(count, 1));
  const mean = sum / sizes.length;
  for (let i = 0; i < sizes.length; i++) sizes[i] = Math.max(mean ? sizes[i] / mean : 1, LEAST);
  return sizes;
}

// Reads a text with the trained weights and with a copy of them that adapts, in place; yields the
// losses of each segment.
function* adapting(shape, trained, weights, text, state, [rate, decay], sizes) {
  const still = segments(shape, trained, text, state);
  for (const segment of segments(shape, weights, text, state, true)) {
    yield;
    if (!segment) continue;
    const { loss, length, gradient } = segment;
    for (let i = 0; i < weights.length; i++) {
      const back = Math.min(decay * sizes[i], 1);
      weights[i] += back * (trained[i] - weights[i]) - (rate / sizes[i]) * gradient[i];
    }
    yield;
    yield { length, still: still.next().value.loss, loss };
  }
}
