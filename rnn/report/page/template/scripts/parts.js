// A score and a hidden unit as sums, and the network without some of its units.

// The passage, or a text of the reader's own: the state at the start, the characters that are read, and
// the place of the first one that can be chosen.
function passageText() {
  const { prime, text } = model.passage;
  if (prime.length) return { start: model.zero(), read: [...prime, ...text], first: prime.length };
  return { start: model.states, read: [model.first, ...text], first: 1 };
}
const ownText = (indices) => ({ start: model.zero(), read: indices, first: 1 });

// A part of the excerpt that comes with the page; none if there is none, or if the model lacks one of
// its characters.
function excerptOf(part, name) {
  const read = Array.from(asRead(excerpt?.[part] ?? ""), (c) => model.index.get(c.codePointAt(0)));
  return read.length > 1 && !read.includes(undefined) ? [{ name, ...ownText(read) }] : [];
}

// Reads a text, and yields the state before each character that can be chosen and its place, at last
// the one after the text. `states`, if given, is filled with all states.
function* statesOver({ start, read, first }, { step }, states = null) {
  let state = start;
  for (let t = 0; ; t++) {
    if (states) states[t] = state;
    if (t >= first) yield { t, state };
    else yield null;
    if (t === read.length) return;
    state = step(read[t], state);
  }
}

// The score of character k: its bias c, and what each unit adds.
function scoreParts(k, h) {
  const { V, c, m } = parameters(model.weights, model);
  const units = Float64Array.from({ length: m }, (_, j) => V[k * m + j] * h[j]);
  return { bias: c[k], units, sum: units.reduce((sum, part) => sum + part, c[k]) };
}

// The value of unit j after character x: for each of its blocks what came from the character, from
// the bias and from each unit of the state before.
function unitParts(j, x, before) {
  const p = parameters(model.weights, model), into = inputs(p, x, before), { U, W, b, m, rows } = p;
  const { how, blocks } = cells[model.cell].inside(j, before, m, into);
  const parts = blocks.map(({ gate = 1, ...block }) => {
    const units = Float64Array.from({ length: m }, (_, i) => gate * W[block.row * m + i] * before[i]);
    const character = U[x * rows + block.row], bias = b[block.row];
    const state = units.reduce((sum, part) => sum + part, 0);
    return { ...block, character, bias, state, units, sum: character + bias + state };
  });
  return { how, blocks: parts };
}

// A network whose units in `off` are zero after every character.
function without(whole, off) {
  return {
    ...whole,
    step(x, state) {
      const after = whole.step(x, state);
      for (const j of off) after[j] = 0;
      return after;
    },
  };
}

// Measures the loss on a text in nats per character, a character at a time.
function* meanLoss(text, network) {
  let total = 0, count = 0;
  for (const at of statesOver(text, network)) {
    if (at && at.t < text.read.length) {
      total -= Math.log(network.predict(at.state)[text.read[at.t]]);
      count += 1;
    }
    yield;
  }
  return total / count;
}
