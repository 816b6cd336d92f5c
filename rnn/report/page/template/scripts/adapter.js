// Letting the page's network adapt to a text.
const GROUPS = 60; // points of the curve

// Where the gradients are measured: on the end of the excerpt or, without one that the model knows, on
// the passage; undefined if it knows neither.
function measuredOn() {
  const [known] = excerptOf("training"), { text } = model.passage;
  return known ? known.read.slice(-MEASURED) : text.length ? text : undefined;
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
  let stop = null, begunWith, next = null, read = [], what = "", shown = -Infinity;

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
  function* asked() {
    const most = LONGEST.toLocaleString("en");
    if (text.value.length > LONGEST) throw new RangeError(`The text has more than ${most} characters.`);
    const indices = yield* indicesOf(asRead(text.value), model.index);
    if (indices.length < 2) throw new RangeError("Adapting needs a text of at least two characters.");
    return indices;
  }
  // Reads the text, and returns what is to be said then.
  function* job() {
    what = "Preparing …";
    const { cell, hiddenSize, vocabulary, states, way, name } = model, shape = { cell, hiddenSize, vocabulary };
    const known = measuredOn();
    if (!known) return "This network knows neither the excerpt nor the passage, so it can’t adapt here.";
    let words = "The whole text is read.";
    const indices = yield* readFieldSlowly(text, asked(), (wrong) => { words = wrong; });
    if (!indices) return words;
    const first = Float64Array.from(begunWith), weights = first.slice();
    next = { ...model, weights, name: `${name}, adapted to a text`, off: [] };
    what = "Measuring the gradients …";
    const sizes = yield* gradientSizes(shape, first, known, states);
    what = "Adapting …";
    for (const losses of adapting(shape, first, weights, indices, states, way, sizes)) {
      if (losses) read.push(losses);
      yield;
    }
    return words;
  }
  const halt = (words) => {
    stop();
    stop = null;
    setRunning(false);
    show();
    say(words);
  };
  const pause = (now) => {
    if (status.textContent !== what) say(what);
    if (now - shown > (still.matches ? 2000 : 250)) {
      shown = now;
      show();
    }
  };

  start.addEventListener("click", () => {
    if (stop) return halt("Stopped.");
    [read, begunWith] = [[], model.weights];
    stop = inSlices(job(), { pause, done: halt });
    setRunning(true);
  });
  use.addEventListener("click", () => {
    if (!computable(next.weights)) return say(NOT_COMPUTABLE);
    adoptAloud(next, status, "The page now writes and reads with the adapted network.");
  });
  // Units that are switched off are no other network: adapting has them all.
  document.addEventListener("model", () => {
    if (stop && model.weights !== begunWith) halt("Stopped: the page has another network.");
  });
  bringsBack(control("back"), status, start);
  text.removeAttribute("aria-invalid");
  setRunning(false);
  show();
  say("");
}
for (const section of all("#adapt")) adaptInPage(section);
