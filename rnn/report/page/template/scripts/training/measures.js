// What is measured of a network in training. These take longer than a frame may, so they are
// generators: they yield often, and the caller decides when to go on.

// The loss on a text that is read as one stream, in nats per character, as in rnn/evaluation.py;
// NaN if there is nothing to predict.
function* heldOutLoss(shape, weights, text, state) {
  let total = 0;
  for (const { loss } of segments(shape, weights, text, state)) {
    total += loss;
    yield;
  }
  return text.length > 1 ? total / (text.length - 1) : NaN;
}

// The largest absolute value of a matrix's eigenvalues. The norm of W to the power n grows with n as
// its n-th power; n doubles with each square.
function* spectralRadius(W, m, squares = 10) {
  const few = Math.ceil(250_000 / (m * m)); // rows, after which it yields
  let A = Float64Array.from(W), B = new Float64Array(m * m), logNorm = 0, before = 0;
  for (let k = 0; k <= squares; k++) {
    let sum = 0;
    for (let i = 0; i < A.length; i++) sum += A[i] * A[i];
    const norm = Math.sqrt(sum);
    if (!(norm > 0)) return norm; // zero, or NaN
    for (let i = 0; i < A.length; i++) A[i] /= norm;
    before = logNorm;
    logNorm = 2 * (k ? logNorm : 0) + Math.log(norm);
    if (k === squares) break;
    B.fill(0);
    for (let i = 0; i < m; i++) {
      multiplyBack(A, m, m, A, i * m, B, i * m); // a row of the square
      if (i % few === few - 1) yield;
    }
    [A, B] = [B, A];
  }
  const n = 2 ** (squares - 1);
  return Math.exp((logNorm - before) / n);
}

// A text that a network writes, as in rnn/sampling.py, beginning with a character and the state
// before it.
function* writing(running, state, first, length, random) {
  const text = [];
  state = running.step(first, state);
  for (let i = 0; i < length; i++) {
    const k = draw(running.predict(state), uniform(random));
    text.push(k);
    state = running.step(k, state);
    yield;
  }
  return text;
}
