// Updates, as in rnn/updates.py for one stream: forward, backward, clip and step.

// What the passes over sequences of T characters need and fill, so that none is allocated later.
//   states  for each of the cell's states T + 1 vectors, one after another; the first is the state
//           before the sequence, and h is the first of the states
//   P, dh   the probabilities, later their gradient; the gradient of the hidden states
// Without `learns` there is no gradient: then it can only read.
function learner({ cell: name, hiddenSize: m, vocabulary }, weights, T, learns = true) {
  const cell = cells[name], K = vocabulary.length;
  const gradient = learns ? new Float64Array(weights.length) : null;
  const states = Array.from({ length: cell.states }, () => new Float64Array((T + 1) * m));
  const shape = { cell: name, hiddenSize: m, vocabulary };
  return {
    cell,
    weights,
    gradient,
    p: parameters(weights, shape),
    d: gradient && parameters(gradient, shape),
    x: new Int32Array(T),
    y: new Int32Array(T),
    work: { m, K, T, states, h: states[0], P: new Float64Array(T * K), dh: new Float64Array(T * m), ...cell.arrays(m, T) },
  };
}

// Reads the sequence of a text that begins at `start`, and returns its loss.
function readSequence({ cell, p, x, y, work }, text, start) {
  for (let t = 0; t < work.T; t++) {
    x[t] = text[start + t];
    y[t] = text[start + t + 1];
  }
  cell.forward(p, x, work);
  return predictAll(p, y, work);
}

// Fills the gradient for the sequence that has been read.
function learnFrom({ cell, p, d, x, y, work }) {
  predictBackward(p, y, work, d);
  d.U.fill(0);
  d.b.fill(0);
  cell.backward(p, x, work, d);
}

// Does both, and returns the loss. If that is not a finite number, the gradient is left as it is.
function gradients(learning, text, start) {
  const loss = readSequence(learning, text, start);
  if (Number.isFinite(loss)) learnFrom(learning);
  return loss;
}

// Carries the state after the sequence over to the next one.
function carry({ work: { states, m, T } }) {
  for (const state of states) state.copyWithin(0, T * m);
}

// The state before the next sequence, as one vector.
function stateOf({ work: { states, m } }) {
  const state = new Float64Array(states.length * m);
  states.forEach((one, i) => state.set(one.subarray(0, m), i * m));
  return state;
}

function setState({ work: { states, m } }, state) {
  states.forEach((one, i) => one.set(state.subarray(i * m, (i + 1) * m)));
}
