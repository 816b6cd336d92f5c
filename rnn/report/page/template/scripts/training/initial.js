// An untrained network, as in rnn/network.py: matrices drawn from N(0, scale²), biases 0. The same
// seed gives the same weights, up to the last digits. `shape` has cell, hiddenSize and vocabulary.
const INITIALISATION = 0; // the stream of its random numbers, as in rnn/numerics/generator.py

function sizeOf({ cell, hiddenSize: m, vocabulary: { length: K } }) {
  const rows = cells[cell].blocks * m;
  return K * rows + rows * m + K * m + rows + K;
}

// Yields after each few thousand numbers, since large networks take longer than a frame may.
function* initialWeights(shape, seed, scale) {
  const weights = new Float64Array(sizeOf(shape)), { U, W, V } = parameters(weights, shape);
  const normal = normals([seed, INITIALISATION]), K = shape.vocabulary.length, rows = U.length / K;
  for (let i = 0; i < U.length; i++) {
    U[(i % K) * rows + Math.floor(i / K)] = scale * normal(); // drawn by rows, kept by columns
    if (i % 4000 === 0) yield;
  }
  for (const matrix of [W, V]) {
    for (let i = 0; i < matrix.length; i++) {
      matrix[i] = scale * normal();
      if (i % 4000 === 0) yield;
    }
  }
  return weights;
}
