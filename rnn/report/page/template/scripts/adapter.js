// Letting the page's network adapt to a text.
const GROUPS = 60; // points of the curve

// Where the gradients are measured: on the excerpt or, without one that the model knows, on the passage.
function measuredOn() {
  try {
    if (excerpt) return indicesOf(excerpt.training.slice(-MEASURED), model.index);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  if (!model.passage.text.length) throw new RangeError("This network knows neither the excerpt nor the passage, so it can’t adapt here.");
  return model.passage.text;
}

// The mean loss per character of successive groups of segments, and where each group ends.
function grouped(read, name) {
  const size = Math.ceil(read.length / GROUPS), points = [];
  let end = 0;
  for (let i = 0; i < read.length; i += size) {
    const group = read.slice(i, i + size), length = group.reduce((sum, one) => sum + one.length, 0);
    end += length;
    points.push([end, group.reduce((sum, one) => sum + one[name], 0) / length]);
  }
  return points;
}

function adaptInPage(section) {
  const control = (name) => one(`#adapt-${name}`, section);
  const [text, start, use, status, curve] = ["text", "start", "use", "status", "curve"].map(control);
  let work = null, next = null, read = [], what = "", shown = -Infinity, frame = 0;

  const say = (words) => { status.textContent = words; };
  const setRunning = (running) => {
    start.textContent = running ? "Stop" : "Adapt";
    use.disabled = running || !read.length;
  };
  const show = () => {
    const lines = [["single", "still"], ["smoothed", "loss"]].map(([style, name]) => [style, grouped(read, name)]);
    drawLines(curve, { x: "characters", y: "nats per character" }, lines);
    const length = read.reduce((sum, one) => sum + one.length, 0);
    for (const name of ["still", "loss"]) {
      control(name).textContent = length ? (read.reduce((sum, one) => sum + one[name], 0) / length).toFixed(3) : "–";
    }
  };
  function* job(indices, known) {
    const { cell, hiddenSize, vocabulary, states, way } = model, shape = { cell, hiddenSize, vocabulary };
    const trained = Float64Array.from(model.weights), weights = trained.slice();
    next = { ...model, weights };
    what = "Measuring the gradients …";
    const sizes = yield* gradientSizes(shape, trained, known, states);
    what = "Adapting …";
    for (const losses of adapting(shape, trained, weights, indices, states, way, sizes)) {
      read.push(losses);
      yield;
    }
  }
  const halt = (words) => {
    cancelAnimationFrame(frame);
    work = null;
    setRunning(false);
    show();
    say(words);
  };
  const tick = (now) => {
    const until = performance.now() + SLICE;
    let done = false;
    while (!done && performance.now() < until) done = work.next().done;
    if (done) return halt("The whole text is read.");
    if (status.textContent !== what) say(what);
    if (now - shown > (still.matches ? 2000 : 250)) {
      shown = now;
      show();
    }
    frame = requestAnimationFrame(tick);
  };
  const asked = () => {
    const indices = encode(text.value.replace(/\r\n?/g, "\n"));
    if (indices.length < 2) throw new RangeError("Adapting needs a text of at least two characters.");
    if (indices.length > LONGEST) throw new RangeError(`The text has more than ${LONGEST.toLocaleString("en")} characters.`);
    return [indices, measuredOn()];
  };

  start.addEventListener("click", () => {
    if (work) return halt("Stopped.");
    const given = readField(text, asked, say);
    if (!given) return;
    read = [];
    work = job(...given);
    setRunning(true);
    frame = requestAnimationFrame(tick);
  });
  use.addEventListener("click", () => {
    if (!next.weights.every(Number.isFinite)) return say("The adapted weights are no longer finite numbers.");
    adopt(next);
    say("The page now writes and reads with the adapted network.");
  });
  document.addEventListener("model", () => {
    if (work) halt("Stopped: the page has another network.");
  });
  bringsBack(control("back"), say);
  text.removeAttribute("aria-invalid");
  setRunning(false);
  show();
  say("");
}
for (const section of all("#adapt")) adaptInPage(section);
