// rnn/vanilla.py: h = tanh(W h + U x + b).
cells.rnn = {
  blocks: 1,
  states: 1,
  step: (h, m, into) => h.map((_, j) => Math.tanh(into(j))),
  inside: (j, h, m, into) => ({
    how: "h = tanh(a)",
    blocks: [{ name: "h", row: j, value: Math.tanh(into(j)), by: "tanh" }],
  }),
  arrays: (m, T) => ({ a: new Float64Array(T * m) }), // W h; later its gradient
  forward({ U, W, b }, x, { h, a, m, T }) {
    for (let t = 0; t < T; t++) {
      const at = t * m, u = x[t] * m;
      multiply(W, m, m, h, at, a, at);
      for (let j = 0; j < m; j++) h[at + m + j] = Math.tanh(a[at + j] + U[u + j] + b[j]);
    }
  },
  backward({ W }, x, { h, a, dh, m, T }, d) {
    for (let t = T - 1; t >= 0; t--) {
      const at = t * m, u = x[t] * m;
      for (let j = 0; j < m; j++) {
        const after = h[at + m + j], da = dh[at + j] * (1 - after * after);
        a[at + j] = da;
        d.U[u + j] += da;
        d.b[j] += da;
      }
      if (t > 0) multiplyBack(W, m, m, a, at, dh, at - m);
    }
    outer(d.W, m, m, a, h, 0, T);
  },
};
