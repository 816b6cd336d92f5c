// An untrained network, as in rnn/network.py: matrices drawn from N(0, scale²), biases 0. The same
// seed gives the same weights, up to the last digits. `shape` has cell, hiddenSize and vocabulary.
const INITIALISATION = 0; // the stream of its random numbers, as in rnn/numerics/generator.py

function sizeOf({ cell, hiddenSize: m, vocabulary: { length: K } }) {
  const rows = cells[cell].blocks * m;
  return K * rows + rows * m + K * m + rows + K;
}

function initialWeights(shape, seed, scale = 0.01) {
  const weights = new Float64Array(sizeOf(shape)), { U, W, V } = parameters(weights, shape);
  const normal = normals([seed, INITIALISATION]), K = shape.vocabulary.length, rows = U.length / K;
  for (let i = 0; i < rows; i++) for (let k = 0; k < K; k++) U[k * rows + i] = scale * normal();
  for (const matrix of [W, V]) for (let i = 0; i < matrix.length; i++) matrix[i] = scale * normal();
  return weights;
}
