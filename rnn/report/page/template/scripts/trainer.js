// Training in the page.
const SLICE = 12; // milliseconds of work between two frames

// What the fields ask for. What makes no sense is said, and the result is undefined.
function askedFor(control, say) {
  const goesOn = control("begin").value === "trained";
  const numbers = [
    ["T", "length", wholeNumber],
    ["rate", "rate", positiveNumber],
    ["clip", "clip", positiveNumber],
    ["seed", "seed", wholeNumber],
    ...(goesOn ? [] : [["hiddenSize", "size", wholeNumber]]),
  ];
  const asked = {};
  for (const [key, name, read] of numbers) {
    asked[key] = readField(control(name), read, say);
    if (asked[key] === undefined) return undefined;
  }
  const own = control("source").value === "own" ? control("own").value : null;
  const known = goesOn ? model.vocabulary : own === null ? reported.vocabulary : null;
  const found = readField(control(own === null ? "source" : "own"), () => material(own, asked.T, known), say);
  if (!found) return undefined;
  const [optimiser, clipBy] = ["optimiser", "clip-by"].map((name) => control(name).value);
  const { cell, hiddenSize } = goesOn ? model : { cell: control("cell").value, ...asked };
  const { lowercase, unicodeForm } = own === null ? reported : model; // how the text was read
  const shape = { cell, hiddenSize, vocabulary: found.vocabulary, lowercase, unicodeForm };
  const weights = goesOn ? Float64Array.from(model.weights) : initialWeights(shape, asked.seed);
  return { ...found, shape, weights, settings: { ...asked, optimiser, clipBy } };
}

// The network of a run, for the page.
function trained({ run, shape, weights, text }) {
  if (!weights.every(Number.isFinite)) throw new RangeError("The weights are no longer finite numbers.");
  return {
    ...shape,
    weights: weights.slice(),
    states: stateOf(run.learning),
    first: text[0],
    signs: signsOf(shape.vocabulary),
  };
}

// Lets a button bring the report's network back.
function bringsBack(button, say) {
  button.addEventListener("click", () => {
    adopt({});
    say("The page has the report’s network again.");
  });
  document.addEventListener("model", () => { button.disabled = model.weights === reported.weights; });
  button.disabled = true;
}

// Offers what the page can train with; at first, what the report was made with.
function offer(select, known) {
  const names = Object.keys(known), { chosen } = select.dataset;
  select.replaceChildren(...names.map((textContent) => make("option", { textContent })));
  select.value = names.includes(chosen) ? chosen : names[0];
}

function trainInPage(section) {
  const control = (name) => one(`#train-${name}`, section);
  const [start, single, reset, adopting, status, fields] =
    ["start", "one", "reset", "use", "status", "fields"].map(control);
  const number = (value, digits) => {
    const form = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return Number.isFinite(value) ? value.toLocaleString("en", form) : "–";
  };
  let training = null, running = false, shown = -Infinity, frame = 0;

  const say = (words) => { status.textContent = words; };
  const figure = (name, words) => { control(name).textContent = words; };
  const show = () => {
    const { run, found, history, measured, weights, shape, settings } = training;
    const guessing = settings.T * Math.log(shape.vocabulary.length);
    figure("updates", `${number(run.step, 0)} (epoch ${number(Math.floor(run.step / run.perEpoch) + 1, 0)})`);
    figure("loss", number(run.loss, 2));
    const worse = run.step >= 100 && run.smoothLoss > 1.01 * guessing;
    figure("smooth", `${number(run.smoothLoss, 2)}${worse ? `, worse than guessing (${number(guessing, 2)})` : ""}`);
    figure("held-out", number(found.heldOut, 3));
    figure("speed", number(training.perSecond(), 0));
    figure("radius", number(found.radius, 3));
    const text = found.sample.map((k) => String.fromCodePoint(shape.vocabulary[k])).join("");
    if (control("sample").textContent !== text) control("sample").textContent = text;
    const line = (name, value) => [name, history.points.map((point) => [point.step, value(point)])];
    const lines = [line("single", ({ loss }) => loss), line("smoothed", ({ smooth }) => smooth)];
    drawLines(control("curve"), { x: "updates", y: "nats per sequence" }, lines, measured);
    drawWeights(control("weights"), run.learning.p.W, shape.hiddenSize);
  };
  const setRunning = (value) => {
    running = value;
    start.textContent = running ? "Pause" : training?.run.step ? "Go on" : "Start";
    const over = training?.run.diverged ?? false;
    start.disabled = over;
    single.disabled = running || over;
    fields.disabled = training !== null;
    reset.disabled = training === null;
    adopting.disabled = training === null;
  };
  const diverge = () => {
    const { run, settings } = training;
    say(`Diverged: the loss of update ${number(run.step + 1, 0)} is not a finite number. Reset, and try a learning rate below ${settings.rate}.`);
  };
  // A browser calls for no frame of a page that is not seen, so training rests there.
  const tick = (now) => {
    if (!training.slice(SLICE)) {
      setRunning(false);
      diverge();
    }
    if (!running || now - shown > (still.matches ? 2000 : 250)) {
      shown = now;
      show();
    }
    if (running) frame = requestAnimationFrame(tick);
  };
  const begin = () => {
    if (training) return true;
    const asked = askedFor(control, say);
    if (asked) training = slicedRun(asked);
    return Boolean(asked);
  };
  const halt = () => {
    cancelAnimationFrame(frame);
    setRunning(false);
    show();
    say(`Paused after ${number(training.run.step, 0)} updates.`);
  };

  start.addEventListener("click", () => {
    if (running) return halt();
    if (!begin()) return;
    setRunning(true);
    say("Training …");
    frame = requestAnimationFrame(tick);
  });
  single.addEventListener("click", () => {
    if (!begin()) return;
    const made = training.advance();
    setRunning(false);
    show();
    if (made) say(`${number(training.run.step, 0)} ${training.run.step === 1 ? "update" : "updates"} made.`);
    else diverge();
  });
  reset.addEventListener("click", () => {
    cancelAnimationFrame(frame);
    training = null;
    setRunning(false);
    clear();
    say("");
    start.focus();
  });
  const clear = () => {
    for (const name of ["updates", "loss", "smooth", "held-out", "speed", "radius"]) figure(name, "–");
    control("sample").textContent = "";
    control("curve").replaceChildren();
    control("weights").width = 1;
  };

  const attempt = (act) => {
    try {
      act();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      say(error.message);
    }
  };
  const use = (words, next) => attempt(() => {
    adopt(next());
    say(words);
  });
  adopting.addEventListener("click", () => use("The page now writes and reads with this network.", () => trained(training)));
  control("save").addEventListener("click", () => {
    attempt(() => save("model.npz", writeModel({ ...reported, ...(training ? trained(training) : model) }), "application/zip"));
  });
  control("open").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const next = await readModelFile(file).catch((error) => error);
    event.target.value = ""; // so that the same file can be opened again
    if (next instanceof Error) say(next.message);
    else use(`The page now writes and reads with ${file.name}.`, () => next);
  });
  const asTrained = () => {
    const goesOn = control("begin").value === "trained", own = control("source").value === "own";
    for (const name of ["cell", "size"]) control(name).disabled = goesOn;
    control("own-text").hidden = !own;
  };
  for (const name of ["begin", "source"]) control(name).addEventListener("change", asTrained);
  control("optimiser").addEventListener("change", () => {
    control("rate").value = optimisers[control("optimiser").value].rate;
  });
  control("file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const read = await textOfFile(file).catch((error) => error);
    if (typeof read === "string") control("own").value = read;
    say(typeof read === "string" ? `${file.name} is read.` : read.message);
  });
  bringsBack(control("back"), say);
  offer(control("cell"), cells);
  offer(control("optimiser"), optimisers);
  offer(control("clip-by"), clips);
  for (const field of all("[aria-invalid]", section)) field.removeAttribute("aria-invalid");
  setRunning(false);
  asTrained();
  clear();
  say("");
}

const LARGEST_FILE = 8_000_000; // bytes

// The text of a file, which stays in the page.
async function textOfFile(file) {
  if (file.size > LARGEST_FILE) throw new RangeError(`${file.name} is larger than ${LARGEST_FILE / 1e6} MB.`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new RangeError(`${file.name} is not a text in UTF-8.`);
  }
}
for (const section of all("#train")) trainInPage(section);
