// rnn/vanilla.py: h = tanh(W h + U x + b).
cells.rnn = {
  blocks: 1,
  states: 1,
  step: (h, m, into) => h.map((_, j) => Math.tanh(into(j))),
  inside: (j, h, m, into) => ({
    how: "h = tanh(a)",
    blocks: [{ name: "h", row: j, value: Math.tanh(into(j)), by: "tanh" }],
  }),
};
