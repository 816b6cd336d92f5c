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
};
