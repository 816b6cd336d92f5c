// Training in the page.
const SLICE = 12; // milliseconds of work between two frames
const LARGEST_UPDATE = 6_500_000; // parameters times characters, which take some 50 ms

// Refuses updates for which the page would stand still; returns the number of parameters.
function checkUpdate(shape, T) {
  const size = sizeOf(shape);
  if (size * T <= LARGEST_UPDATE) return size;
  const most = Math.floor(LARGEST_UPDATE / size), number = size.toLocaleString("en");
  throw new RangeError(most
    ? `With ${number} parameters, the sequence length can be at most ${most} in this page.`
    : `A network of ${number} parameters is too large to be trained in this page.`);
}

// What the fields ask for. What makes no sense is said, and the result is undefined. This takes longer
// than a frame may, so it is a generator.
function* askedFor(control, initScale, say) {
  const goesOn = control("begin").value === "trained", now = { ...model };
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
  const known = goesOn ? now.vocabulary : own === null ? reported.vocabulary : null;
  const how = own === null && !goesOn ? reported : now; // how the text is read
  const [optimiser, clipBy] = ["optimiser", "clip-by"].map((name) => control(name).value);
  const { cell, hiddenSize } = goesOn ? now : { cell: control("cell").value, ...asked };
  const field = control(own === null ? "source" : "own");
  const found = yield* readFieldSlowly(field, material(own, asked.T, how, known), say);
  if (!found) return undefined;
  const { lowercase, unicodeForm } = how;
  const shape = { cell, hiddenSize, vocabulary: found.vocabulary, lowercase, unicodeForm };
  if (!readField(control("length"), () => checkUpdate(shape, asked.T), say)) return undefined;
  const weights = goesOn ? Float64Array.from(now.weights) : yield* initialWeights(shape, asked.seed, initScale);
  return { ...found, shape, weights, settings: { ...asked, optimiser, clipBy } };
}

const NOT_COMPUTABLE = "The weights are no longer finite numbers, or are too large to compute with.";

// The network of a run, for the page.
function trained({ run, shape, weights, text }) {
  if (!computable(weights)) throw new RangeError(NOT_COMPUTABLE);
  return {
    ...shape,
    name: "a network trained here",
    weights: weights.slice(),
    states: stateOf(run.learning),
    first: text[0],
    signs: signsOf(shape.vocabulary),
  };
}

// Lets another network take the model's place, and says so until that changes.
function adoptAloud(next, status, words) {
  adopt(next);
  status.textContent = words;
  document.addEventListener("model", () => {
    if (status.textContent === words) status.textContent = "";
  }, { once: true });
}

// Lets a button bring the report's network back. Then it is disabled and would lose the focus, which
// `neighbour` gets.
function bringsBack(button, status, neighbour) {
  button.addEventListener("click", () => {
    adoptAloud({}, status, "The page has the report’s network again.");
    neighbour.focus();
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

// What a run is told apart by from the one before.
function describe({ shape: { cell, hiddenSize }, settings: { T, optimiser, rate } }) {
  return `${cell}, ${units(hiddenSize)}, sequences of ${T}, ${optimiser} at ${rate}`;
}

function trainInPage(section) {
  const control = (name) => one(`#train-${name}`, section);
  const [start, single, reset, adopting, keeping, status, done, fields, settings] =
    ["start", "one", "reset", "use", "save-run", "status", "done", "fields", "settings"].map(control);
  const number = (value, digits) => (Number.isFinite(value) ? shownNumber(value, digits) : "–");
  const updates = (count) => `${number(count, 0)} ${count === 1 ? "update" : "updates"}`;
  let training = null, preparing = false, running = false, shown = -Infinity, frame = 0, letters, sample;
  let left = ""; // says which characters of the text are left out
  let before = null; // the run before this one, to compare with

  const say = (words) => { if (status.textContent !== words) status.textContent = words; };
  const figure = (name, words) => { control(name).textContent = words; };
  const figures = (name, loss, T) => {
    const values = [number(loss, 2), number(loss / T, 3), number(loss / T / Math.LN2, 3)];
    all("td", control(name)).forEach((cell, i) => { cell.textContent = values[i]; });
  };
  const guessing = () => training.settings.T * Math.log(training.shape.vocabulary.length);
  const sayOfRun = (words) => {
    const { step, smoothLoss } = training.run, worse = step >= 100 && smoothLoss > 1.01 * guessing();
    const verdict = worse && `Diverged: worse than guessing (${number(guessing(), 2)} nats per sequence).`;
    say(sentences(running && worse ? "" : words, verdict, left));
  };
  const drawCurve = (T, lines = [], measured = [], level = null) => {
    const earlier = before ? [["before", before.points.map(([step, loss]) => [step, loss * T])]] : [];
    drawLines(control("curve"), { x: "updates", y: "nats per sequence" }, [...earlier, ...lines], measured, level);
  };
  const show = () => {
    const { run, found, history, measured, shape, settings: { T } } = training;
    figure("updates", `${number(run.step, 0)} (epoch ${number(Math.floor(run.step / run.perEpoch) + 1, 0)})`);
    figures("loss", run.loss, T);
    figures("smooth", run.smoothLoss, T);
    figures("held-out", found.heldOut * T, T);
    figures("guessing", guessing(), T);
    figure("speed", number(training.perSecond(), 0));
    figure("radius", number(found.radius, 3));
    if (sample !== found.sample) {
      sample = found.sample;
      control("sample").replaceChildren(...piecesOf(sample, letters));
      for (const name of ["sampled", "measured"]) figure(name, found.step === null ? "" : `after ${updates(found.step)}`);
    }
    const line = (name, value) => [name, history.points.map((point) => [point.step, value(point)])];
    const lines = [line("single", ({ loss }) => loss), line("smoothed", ({ smooth }) => smooth)];
    drawCurve(T, lines, measured, { value: guessing(), name: "guessing" });
    control("weights").parentElement.hidden = false;
    drawWeights(control("weights"), run.learning.p.W, shape.hiddenSize);
  };
  const setRunning = (value) => {
    const focused = document.activeElement;
    running = value;
    start.textContent = running ? "Pause" : training?.run.step ? "Go on" : "Start";
    const over = training?.run.diverged ?? false;
    start.disabled = over;
    single.disabled = running || over;
    fields.disabled = preparing || training !== null;
    figure("fixed", training ? `: ${describe(training)}. Reset to change them.` : "");
    for (const button of [reset, adopting, keeping]) button.disabled = training === null;
    if (focused?.disabled) (over ? reset : start).focus(); // a disabled button loses the focus
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
      if (running) sayOfRun("Training …");
    }
    if (running) frame = requestAnimationFrame(tick);
  };
  // Calls `act` once there is a run, unless the fields ask for none.
  const begin = (act) => {
    if (training) return act();
    if (preparing) return;
    preparing = true;
    setRunning(false);
    say("Preparing …");
    inSlices(askedFor(control, Number(section.dataset.initScale), say), { done: (asked) => {
      preparing = false;
      if (asked) [training, letters, left] = [slicedRun(asked), lettersIn(asked.shape.vocabulary), asked.left];
      settings.open = !asked;
      setRunning(false);
      if (asked) act();
    } });
  };
  const halt = () => {
    cancelAnimationFrame(frame);
    setRunning(false);
    show();
    sayOfRun(`Paused after ${updates(training.run.step)}.`);
  };

  start.addEventListener("click", () => {
    if (running) return halt();
    begin(() => {
      setRunning(true);
      sayOfRun("Training …");
      frame = requestAnimationFrame(tick);
    });
  });
  single.addEventListener("click", () => begin(() => {
    const after = training.once();
    setRunning(false);
    show();
    if (after === undefined) return diverge();
    const { step, loss } = training.run, change = after < loss ? "lowered" : "raised";
    const effect = `The last one ${change} the loss of its own sequence from ${number(loss, 2)} to ${number(after, 2)}.`;
    sayOfRun(`${updates(step)} made. ${effect}`);
  }));
  reset.addEventListener("click", () => {
    cancelAnimationFrame(frame);
    const { history, settings: { T } } = training, points = history.points.map(({ step, smooth }) => [step, smooth / T]);
    if (points.length) before = { T, points, words: describe(training) };
    training = null;
    setRunning(false);
    clear();
    say("");
    start.focus();
  });
  const clear = () => {
    for (const name of ["updates", "speed", "radius"]) figure(name, "–");
    for (const name of ["loss", "smooth", "held-out", "guessing"]) figures(name, NaN, 1);
    for (const name of ["sampled", "measured"]) figure(name, "");
    [sample, settings.open] = [null, true];
    control("sample").replaceChildren();
    control("curve").replaceChildren();
    if (before) drawCurve(before.T);
    control("before").hidden = !before;
    one(".before", control("before")).textContent = before ? `smoothed loss of the run before: ${before.words}` : "";
    control("weights").parentElement.hidden = true; // an empty canvas would be stretched
  };

  const attempt = (act) => {
    try {
      act();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      done.textContent = error.message;
    }
  };
  const use = (next, name) => adoptAloud(next, done, `The page now writes and reads with ${name}.`);
  const saveModel = (name, network) => save(name, writeModel(network), "application/zip");
  adopting.addEventListener("click", () => attempt(() => use(trained(training), "this network")));
  keeping.addEventListener("click", () => attempt(() => saveModel("run.npz", { ...reported, ...trained(training) })));
  control("save").addEventListener("click", () => saveModel("model.npz", model));
  onFile(control("open"), readModelFile, (file, next) => {
    control("open").value = ""; // so that the same file can be opened again
    if (next instanceof Error) done.textContent = next.message;
    else use({ ...next, name: file.name }, file.name);
  });
  const asTrained = () => {
    const goesOn = control("begin").value === "trained", own = control("source").value === "own";
    for (const name of ["cell", "size"]) control(name).disabled = goesOn;
    control("own-text").hidden = !own;
    for (const name of ["source", "own"]) control(name).removeAttribute("aria-invalid");
  };
  for (const name of ["begin", "source"]) control(name).addEventListener("change", asTrained);
  control("optimiser").addEventListener("change", () => {
    control("rate").value = optimisers[control("optimiser").value].rate;
  });
  onFile(control("file"), textOfFile, (file, read) => {
    if (typeof read === "string") control("own").value = read;
    say(typeof read === "string" ? `${file.name} has been read.` : read.message);
  });
  bringsBack(control("back"), done, control("save"));
  offer(control("cell"), cells);
  offer(control("optimiser"), optimisers);
  offer(control("clip-by"), clips);
  for (const field of all("[aria-invalid]", section)) field.removeAttribute("aria-invalid");
  setRunning(false);
  asTrained();
  clear();
  for (const place of [status, done]) place.textContent = "";
}

const LARGEST_FILE = 8_000_000; // bytes

// The text of a file, which stays in the page.
async function textOfFile(file) {
  if (file.size > LARGEST_FILE) throw new RangeError(`${file.name} is larger than ${LARGEST_FILE / 1e6} MB.`);
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new RangeError(`${file.name} is not a text in UTF-8.`);
  }
  checkLength(text); // to show a longer one takes seconds
  return text;
}
for (const section of all("#train")) trainInPage(section);
