// The assignment's update as a plain loop over typed arrays: what the page's training is measured
// against. Nothing in it is shared with the page. It gets K, m, T, the text and the weights (U by
// columns, W and V by rows, b, c), and returns a function that makes updates and gives the last loss.
function bare(K, m, T, text, theta) {
  const cut = (flat) => {
    let end = 0;
    return [K * m, m * m, K * m, m, K].map((n) => flat.subarray(end, (end += n)));
  };
  const gradient = new Float64Array(theta.length), memory = new Float64Array(theta.length);
  const [U, W, V, b, c] = cut(theta), [dU, dW, dV, db, dc] = cut(gradient);
  const h = new Float64Array((T + 1) * m), P = new Float64Array(T * K);
  const dh = new Float64Array(m), carried = new Float64Array(m);

  return (count) => {
    let loss = 0;
    h.fill(0, 0, m);
    for (let n = 0; n < count; n++) {
      const start = n * T;
      loss = 0;
      for (let t = 0; t < T; t++) {
        const x = text[start + t], now = (t + 1) * m, before = t * m;
        for (let i = 0; i < m; i++) {
          let sum = b[i] + U[x * m + i];
          for (let j = 0; j < m; j++) sum += W[i * m + j] * h[before + j];
          h[now + i] = Math.tanh(sum);
        }
        let largest = -Infinity, total = 0;
        for (let k = 0; k < K; k++) {
          let sum = c[k];
          for (let j = 0; j < m; j++) sum += V[k * m + j] * h[now + j];
          P[t * K + k] = sum;
          if (sum > largest) largest = sum;
        }
        for (let k = 0; k < K; k++) total += P[t * K + k] = Math.exp(P[t * K + k] - largest);
        for (let k = 0; k < K; k++) P[t * K + k] /= total;
        loss -= Math.log(P[t * K + text[start + t + 1]]);
      }
      gradient.fill(0);
      carried.fill(0);
      for (let t = T - 1; t >= 0; t--) {
        const x = text[start + t], now = (t + 1) * m, before = t * m;
        P[t * K + text[start + t + 1]] -= 1;
        dh.set(carried);
        for (let k = 0; k < K; k++) {
          const g = P[t * K + k];
          dc[k] += g;
          for (let j = 0; j < m; j++) {
            dV[k * m + j] += g * h[now + j];
            dh[j] += g * V[k * m + j];
          }
        }
        carried.fill(0);
        for (let i = 0; i < m; i++) {
          const da = dh[i] * (1 - h[now + i] * h[now + i]);
          db[i] += da;
          dU[x * m + i] += da;
          for (let j = 0; j < m; j++) {
            dW[i * m + j] += da * h[before + j];
            carried[j] += da * W[i * m + j];
          }
        }
      }
      for (let i = 0; i < theta.length; i++) {
        const g = Math.max(-5, Math.min(5, gradient[i]));
        memory[i] += g * g;
        theta[i] -= (0.1 * g) / Math.sqrt(memory[i] + 1e-8);
      }
      h.copyWithin(0, T * m);
    }
    return loss;
  };
}
