// Letting the page's network adapt to a text.
const GROUPS = 60; // points of the curve
const EXAMPLE = [60, 40]; // characters of a line, and how often it is repeated
const SHORT = 500; // characters, below which there is little to see

// Where the gradients are measured: on the end of the excerpt or, without one that the model knows, on
// the passage; undefined if it knows neither.
function measuredOn() {
  const [known] = excerptOf("training"), { text } = model.passage;
  return known ? known.read.slice(-MEASURED) : text.length ? text : undefined;
}

// A text with a habit of its own, in characters that the network knows; empty if there are none.
function exampleText() {
  const [size, times] = EXAMPLE, known = measuredOn();
  if (!known) return "";
  const start = known.indexOf(model.index.get(32)) + 1; // after a space, or at the beginning
  const line = known.slice(start, start + size).map((k) => model.characters[k]).join("");
  return `${line} `.repeat(times);
}

// The mean loss per character of successive groups of segments, from the start to where each group ends.
function grouped(read, name) {
  const size = Math.ceil(read.length / GROUPS), points = [];
  let end = 0;
  for (let i = 0; i < read.length; i += size) {
    const group = read.slice(i, i + size), length = group.reduce((sum, one) => sum + one.length, 0);
    const mean = group.reduce((sum, one) => sum + one[name], 0) / length;
    if (!end) points.push([0, mean]);
    end += length;
    points.push([end, mean]);
  }
  return points;
}

const UNKNOWN = "This network knows neither the excerpt nor the passage, so it can’t adapt here.";

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
    control("found").hidden = !read.length;
    if (!read.length) return;
    const lines = [["single", "still"], ["smoothed", "loss"]].map(([style, name]) => [style, grouped(read, name)]);
    drawLines(curve, { x: "characters", y: "nats per character" }, lines);
    const length = read.reduce((sum, one) => sum + one.length, 0);
    for (const name of ["still", "loss"]) {
      const mean = read.reduce((sum, one) => sum + one[name], 0) / length;
      control(name).textContent = `${mean.toFixed(3)} (${(mean / Math.LN2).toFixed(3)} bits)`;
    }
  };
  function* asked() {
    const most = LONGEST.toLocaleString("en");
    if (text.value.length > LONGEST) throw new RangeError(`The text has more than ${most} characters.`);
    const { indices, lacking } = yield* knownOf(asRead(text.value), model.index), left = leftOut(lacking);
    if (indices.length < 2) throw new RangeError(sentences(left, "Adapting needs a text of at least two characters."));
    const short = indices.length < SHORT ? `In fewer than ${SHORT} characters there is little to adapt to.` : "";
    return { indices, words: sentences("The whole text has been read.", left, short) };
  }
  // Reads the text, and returns what is to be said then.
  function* job() {
    what = "Preparing …";
    const { cell, hiddenSize, vocabulary, states, way, name } = model, shape = { cell, hiddenSize, vocabulary };
    const known = measuredOn();
    if (!known) return UNKNOWN;
    let wrong = "";
    const given = yield* readFieldSlowly(text, asked(), (words) => { wrong = words; });
    if (!given) return wrong;
    const { indices, words } = given;
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
  control("example").addEventListener("click", () => {
    text.value = exampleText();
    say(text.value ? "The example is a line that is repeated." : UNKNOWN);
  });
  // Goes to the writer, which begins at once.
  use.addEventListener("click", () => {
    if (!computable(next.weights)) return say(NOT_COMPUTABLE);
    adoptAloud(next, status, "The page now writes and reads with the adapted network.");
    const write = one("#write-start");
    write.click();
    write.focus();
    one("#write").scrollIntoView();
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
