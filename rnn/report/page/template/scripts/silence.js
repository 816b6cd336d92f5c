// Switching hidden units off: the whole page then runs the network without them, and a table says
// what that changes.
const WRITTEN = 160, SEED = 1; // characters of the two texts, and how they are drawn
const SCORED = 5000; // characters of the held-out excerpt, at most
const FOLLOWS = 0.3; // the least |r| at which a unit is said to follow a feature

const inBoth = (nats) => `${nats.toFixed(3)} (${(nats / Math.LN2).toFixed(3)})`;

function switchUnits(section, apart) {
  const part = (name) => one(`#apart-${name}`, section);
  const [followed, everyone, chosen, passage, held, lacking, lackingText] =
    ["followed", "everyone", "chosen", "passage", "held", "lacking", "lacking-text"].map(part);
  const off = new Set(), weights = model.weights;
  let whole, step, known, grid, scored, pointed, stopAll = () => {}, stopChosen = () => {};

  const name = () => (off.size ? `without ${listOf(model.off)}` : "without those switched off");
  const fill = (row, column, value, shown) => {
    const cell = row.cells[column];
    cell.replaceChildren(value === undefined ? "" : make("data", { value }, shown(value)));
  };

  // The numbers of the whole network are kept until there is another network.
  function* measure(row, text) {
    if (!known.has(row)) known.set(row, yield* meanLoss(text, whole));
    fill(row, 1, known.get(row), inBoth);
    if (off.size) fill(row, 2, yield* meanLoss(text, model), inBoth);
  }
  function* write(element, network) {
    // As the writer does without a prime text, and with temperature and top-p at 1.
    const random = generator(SEED, model.stream);
    element.replaceChildren(...piecesOf(yield* writing(network, model.states, model.first, WRITTEN, random)));
  }
  function* compareAll() {
    passage.hidden = !model.passage.text.length;
    if (off.size) yield* write(part("lacking-sample"), model);
    yield* write(part("whole-sample"), whole);
    if (!passage.hidden) yield* measure(passage, passageText());
    if (scored) yield* measure(held, scored);
  }
  function* compareChosen({ text, at, k, states }) {
    const now = model.predict(states[at])[k];
    chosen.cells[0].textContent = `probability of “${nameOf(k)}” here`;
    if (!off.size) return fill(chosen, 1, now, percent);
    fill(chosen, 2, now, percent);
    for (const place of statesOver(text, whole)) {
      if (place?.t === at) return fill(chosen, 1, whole.predict(place.state)[k], percent);
      yield;
    }
  }

  const show = () => {
    for (const row of [chosen, passage, held]) fill(row, 2);
    lacking.textContent = name();
    lackingText.hidden = !off.size;
    one("h5", lackingText).textContent = name();
    everyone.disabled = !off.size;
    grid.press(off);
    for (const button of followed.children) button.setAttribute("aria-pressed", off.has(Number(button.value)));
    stopAll();
    stopChosen();
    stopAll = inSlices(compareAll());
  };
  // By touch, the number of a unit is seen here alone.
  const showPointed = () => { part("pointed").textContent = pointed?.title ?? ""; };
  const showChosen = () => {
    grid.show(apart.h());
    showPointed();
    stopChosen();
    stopChosen = inSlices(compareChosen(apart.chosen()));
  };
  const apply = () => {
    step = model.step = off.size ? without(whole, off).step : whole.step;
    model.off = [...off].sort((i, j) => i - j);
    document.dispatchEvent(new Event("model"));
  };
  const toggle = (j) => {
    if (!off.delete(j)) off.add(j);
    apply();
  };
  // Begins with the network that there is now, whole.
  const arrange = () => {
    [whole, step, known] = [{ ...model }, model.step, new Map()];
    const [heldOut] = excerptOf("held_out"); // read on from the end of training, as in training
    scored = heldOut && { ...heldOut, start: model.states, read: heldOut.read.slice(0, SCORED + 1) };
    held.hidden = !scored;
    if (scored) {
      const count = (scored.read.length - 1).toLocaleString("en");
      held.cells[0].textContent = `loss on the first ${count} characters of the excerpt’s validation part, in nats per character (in bits)`;
    }
    for (const row of [chosen, passage, held]) fill(row, 1);
    part("lacking-sample").replaceChildren();
    off.clear();
    grid = putGrid(part("grid"), model.hiddenSize, toggle);
    pointed = null;
    const neurons = model.weights === weights // they are the report's
      ? model.neurons.filter(([, , r]) => Math.abs(r) >= FOLLOWS)
      : [];
    followed.replaceChildren(...neurons.map(([j, feature, r]) =>
      make("button", { type: "button", value: j }, `unit ${j}: ${feature} (r = ${decimal(r, 2)})`)));
    followed.parentElement.hidden = !neurons.length;
  };

  for (const event of ["pointerover", "focusin"]) {
    part("grid").addEventListener(event, ({ target }) => {
      pointed = target.closest("button") ?? pointed;
      showPointed();
    });
  }
  followed.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) toggle(Number(button.value));
  });
  everyone.addEventListener("click", () => {
    off.clear();
    apply();
    one("[tabindex='0']", part("grid")).focus(); // a disabled button loses the focus
  });
  document.addEventListener("model", () => {
    if (model.step !== step) arrange();
    show();
  });
  apart.changed.push(showChosen);
  arrange();
  show();
}
