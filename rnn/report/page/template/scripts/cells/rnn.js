// rnn/vanilla.py: h = tanh(W h + U x + b).
cells.rnn = {
  blocks: 1,
  states: 1,
  step: (h, m, into) => h.map((_, j) => Math.tanh(into(j))),
};
