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
};
