// The output layer and the loss, forward and backward, as in rnn/output.py. P holds a row of K
// numbers for each character.

// Fills P with the probabilities, and returns the loss L = -Σ log p_t[y_t] in nats.
function predictAll({ V, c }, y, { h, P, m, K, T }) {
  let loss = 0;
  for (let t = 0; t < T; t++) {
    const row = t * K;
    multiply(V, K, m, h, (t + 1) * m, P, row);
    let largest = -Infinity, total = 0;
    for (let k = 0; k < K; k++) {
      P[row + k] += c[k];
      if (!(P[row + k] <= largest)) largest = P[row + k]; // NaN, too
    }
    const score = P[row + y[t]] - largest;
    for (let k = 0; k < K; k++) total += P[row + k] = Math.exp(P[row + k] - largest);
    const scale = 1 / total;
    for (let k = 0; k < K; k++) P[row + k] *= scale;
    loss -= score - Math.log(total);
  }
  return loss;
}

// Fills the gradients of V and c, and dh with the share that comes through the output layer. P is
// overwritten by g_t = p_t - y_t.
function predictBackward({ V }, y, { h, P, dh, m, K, T }, d) {
  for (let t = 0; t < T; t++) P[t * K + y[t]] -= 1;
  outer(d.V, K, m, P, h, m, T);
  d.c.fill(0);
  dh.fill(0);
  for (let t = 0; t < T; t++) {
    for (let k = 0; k < K; k++) d.c[k] += P[t * K + k];
    multiplyBack(V, K, m, P, t * K, dh, t * m);
  }
}
