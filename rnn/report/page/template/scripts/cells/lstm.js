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
};
