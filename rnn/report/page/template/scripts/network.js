// The network of rnn/network.py and rnn/output.py. It computes in float64, with weights that were
// rounded to float32.

// Each cell that the page can run has a file in cells/. With m the hidden size:
//   blocks  how many blocks of m rows U, W and b have
//   states  how many vectors of m numbers the cell carries along; the first is h
//   step    takes the state before a character and returns the state after it. It is also given a
//           function that computes a row of W h + U x + b or, with a gate g, of g W h + U x + b
//   inside  says how the value of a unit comes about: how it follows from its blocks, and for each
//           block its name, its row, its gate if it has one, its value and the function that gives it
// and, for training, over sequences of T characters; see training/updates.js:
//   arrays    what its passes fill beside what all cells have
//   forward   fills the states
//   backward  fills the gradients d of U, W and b, once dh has what comes through the output layer
const cells = {};

// Whether a network can compute with such weights or states: no sum of their products overflows.
const computable = (numbers) => numbers.every((value) => Math.abs(value) <= 1e100);

const logistic = (a) => (1 + Math.tanh(a / 2)) / 2;

// A row of a matrix times h. The length m is needed because an LSTM's state holds more than h.
function dot(matrix, row, h, m) {
  let sum = 0;
  for (let j = 0, at = row * m; j < m; j++) sum += matrix[at + j] * h[j];
  return sum;
}

// The parameters by name, as views of the flat vector, and their sizes: U by columns, then W and V by
// rows, b and c.
function parameters(flat, { cell, hiddenSize: m, vocabulary: { length: K } }) {
  const rows = cells[cell].blocks * m;
  let end = 0;
  const [U, W, V, b, c] = [K * rows, rows * m, K * m, rows, K].map((n) => flat.subarray(end, (end += n)));
  return { U, W, V, b, c, m, K, rows };
}

// Returns the function that a cell is given to compute its rows.
const inputs = ({ U, W, b, m, rows }, x, state) => (row, gate = 1) =>
  gate * dot(W, row, state, m) + U[x * rows + row] + b[row];

function network(data) {
  const p = parameters(data.weights, data), { V, c, m, K } = p, { states, step } = cells[data.cell];

  return {
    zero: () => new Float64Array(states * m),
    step: (x, state) => step(state, m, inputs(p, x, state)),
    // The probabilities of the next character: softmax(V h + c).
    predict(state) {
      const P = new Float64Array(K);
      let largest = -Infinity, total = 0;
      for (let k = 0; k < K; k++) largest = Math.max(largest, (P[k] = dot(V, k, state, m) + c[k]));
      for (let k = 0; k < K; k++) total += P[k] = Math.exp(P[k] - largest);
      const scale = 1 / total;
      return P.map((p) => p * scale);
    },
  };
}
