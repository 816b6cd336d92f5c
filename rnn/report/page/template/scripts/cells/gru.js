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
};
