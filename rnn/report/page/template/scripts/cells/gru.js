// rnn/gru.py: the reset gate r, the update gate z and the candidate n, a block of rows for each.
cells.gru = {
  blocks: 3,
  states: 1,
  step: (h, m, into) => h.map((before, j) => {
    const r = logistic(into(j));
    const z = logistic(into(m + j));
    const n = Math.tanh(into(2 * m + j, r));
    return n + z * (before - n);
  }),
  inside(j, h, m, into) {
    const r = logistic(into(j)), z = logistic(into(m + j)), n = Math.tanh(into(2 * m + j, r));
    return {
      how: `h = (1 − z) n + z h′ = ${decimal((1 - z) * n)} + ${decimal(z * h[j])}`,
      blocks: [
        { name: "candidate n", row: 2 * m + j, gate: r, value: n, by: "tanh" },
        { name: "update gate z", row: m + j, value: z, by: "σ" },
        { name: "reset gate r", row: j, value: r, by: "σ" },
      ],
    };
  },
  arrays: (m, T) => ({
    a: new Float64Array(3 * T * m), // W h; later its gradient
    gates: new Float64Array(3 * T * m), // r, z and n
  }),
  forward({ U, W, b }, x, { h, a, gates, m, T }) {
    for (let t = 0; t < T; t++) {
      const at = t * m, row = 3 * at, u = 3 * x[t] * m;
      multiply(W, 3 * m, m, h, at, a, row);
      for (let j = 0; j < 2 * m; j++) gates[row + j] = logistic(a[row + j] + U[u + j] + b[j]);
      for (let j = 0, i = 2 * m; j < m; j++, i++) {
        const n = Math.tanh(gates[row + j] * a[row + i] + U[u + i] + b[i]);
        gates[row + i] = n;
        h[at + m + j] = n + gates[row + m + j] * (h[at + j] - n);
      }
    }
  },
  backward({ W }, x, { h, a, gates, dh, m, T }, d) {
    for (let t = T - 1; t >= 0; t--) {
      const at = t * m, row = 3 * at, u = 3 * x[t] * m;
      for (let j = 0; j < m; j++) {
        const r = gates[row + j], z = gates[row + m + j], n = gates[row + 2 * m + j], g = dh[at + j];
        const dn = g * (1 - z) * (1 - n * n);
        const dz = g * (h[at + j] - n) * z * (1 - z);
        const dr = dn * a[row + 2 * m + j] * r * (1 - r);
        a[row + j] = dr;
        a[row + m + j] = dz;
        a[row + 2 * m + j] = dn * r;
        d.U[u + j] += dr;
        d.U[u + m + j] += dz;
        d.U[u + 2 * m + j] += dn;
        d.b[j] += dr;
        d.b[m + j] += dz;
        d.b[2 * m + j] += dn;
        if (t > 0) dh[at - m + j] += g * z;
      }
      if (t > 0) multiplyBack(W, 3 * m, m, a, row, dh, at - m);
    }
    outer(d.W, 3 * m, m, a, h, 0, T);
  },
};
