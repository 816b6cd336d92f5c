// rnn/lstm.py: the input gate i, the forget gate f, the candidate n and the output gate o, a block
// of rows for each. The state is h, then the memory q.
cells.lstm = {
  blocks: 4,
  states: 2,
  step(state, m, into) {
    const after = new Float64Array(2 * m);
    for (let j = 0; j < m; j++) {
      const i = logistic(into(j));
      const f = logistic(into(m + j));
      const n = Math.tanh(into(2 * m + j));
      const o = logistic(into(3 * m + j));
      after[m + j] = f * state[m + j] + i * n;
      after[j] = o * Math.tanh(after[m + j]);
    }
    return after;
  },
  inside(j, state, m, into) {
    const [i, f, n, o] = [logistic, logistic, Math.tanh, logistic].map((by, block) => by(into(block * m + j)));
    const kept = f * state[m + j], added = i * n;
    return {
      how: `h = o tanh(q), q = f q′ + i n = ${decimal(kept)} + ${decimal(added)}`,
      blocks: [
        { name: "candidate n", row: 2 * m + j, value: n, by: "tanh" },
        { name: "input gate i", row: j, value: i, by: "σ" },
        { name: "forget gate f", row: m + j, value: f, by: "σ" },
        { name: "output gate o", row: 3 * m + j, value: o, by: "σ" },
      ],
    };
  },
  arrays: (m, T) => ({
    gates: new Float64Array(4 * T * m), // W h, then i, f, n and o; later the gradients of their inputs
    squashed: new Float64Array(T * m), // tanh(q)
    dq: new Float64Array(m),
  }),
  forward({ U, W, b }, x, { h, states: [, q], gates, squashed, m, T }) {
    for (let t = 0; t < T; t++) {
      const at = t * m, row = 4 * at, u = 4 * x[t] * m;
      multiply(W, 4 * m, m, h, at, gates, row);
      for (let j = 0; j < 4 * m; j++) {
        const into = gates[row + j] + U[u + j] + b[j];
        gates[row + j] = j >= 2 * m && j < 3 * m ? Math.tanh(into) : logistic(into);
      }
      for (let j = 0; j < m; j++) {
        const memory = gates[row + m + j] * q[at + j] + gates[row + j] * gates[row + 2 * m + j];
        q[at + m + j] = memory;
        squashed[at + j] = Math.tanh(memory);
        h[at + m + j] = gates[row + 3 * m + j] * squashed[at + j];
      }
    }
  },
  backward({ W }, x, { h, states: [, q], gates, squashed, dq, dh, m, T }, d) {
    dq.fill(0);
    for (let t = T - 1; t >= 0; t--) {
      const at = t * m, row = 4 * at, u = 4 * x[t] * m;
      for (let j = 0; j < m; j++) {
        const i = gates[row + j], f = gates[row + m + j], n = gates[row + 2 * m + j], o = gates[row + 3 * m + j];
        const g = dh[at + j], s = squashed[at + j], change = dq[j] + g * o * (1 - s * s);
        gates[row + j] = change * n * i * (1 - i);
        gates[row + m + j] = change * q[at + j] * f * (1 - f);
        gates[row + 2 * m + j] = change * i * (1 - n * n);
        gates[row + 3 * m + j] = g * s * o * (1 - o);
        dq[j] = change * f;
      }
      for (let j = 0; j < 4 * m; j++) {
        d.U[u + j] += gates[row + j];
        d.b[j] += gates[row + j];
      }
      if (t > 0) multiplyBack(W, 4 * m, m, gates, row, dh, at - m);
    }
    outer(d.W, 4 * m, m, gates, h, 0, T);
  },
};
