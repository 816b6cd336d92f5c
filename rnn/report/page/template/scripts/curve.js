// The loss of a training as a curve. It keeps at most so many points: once there are more, each two
// become one.
const POINTS = 1000;

function lossHistory() {
  let every = 1, count = 0, sum = 0;
  const points = [];
  return {
    points,
    add(step, loss, smooth) {
      sum += loss;
      count += 1;
      if (count < every) return;
      points.push({ step, loss: sum / count, smooth });
      [sum, count] = [0, 0];
      if (points.length < POINTS) return;
      for (let i = 0; i < POINTS / 2; i++) {
        const [one, two] = [points[2 * i], points[2 * i + 1]];
        points[i] = { ...two, loss: (one.loss + two.loss) / 2 };
      }
      points.length = POINTS / 2;
      every *= 2;
    },
  };
}

// A number as it is shown; one that is very large has an exponent.
function shownNumber(value, digits) {
  const form = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return Math.abs(value) < 1e6 ? value.toLocaleString("en", form) : value.toExponential(2);
}

// Round numbers from 0 to a little above the highest, some five of them, and no nearer than `least`.
function ticksTo(high, least = 0) {
  const rough = Math.max(high / 4, least), power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  return Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => i * step);
}

function drawn(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Draws lines and dots with their axes, of which both begin at 0. `labels` names the axes; a line has
// the name of its class and its points [x, y]. A level is a height with a name.
function drawLines(svg, labels, lines, dots = [], level = null) {
  const { clientWidth: width, clientHeight: height } = svg;
  const left = 58, right = width - 10, top = 22, bottom = height - 42;
  const all = lines.flatMap(([, points]) => points).concat(dots, level ? [[0, level.value]] : []);
  const last = all.reduce((most, [x]) => Math.max(most, x), 2);
  const high = 1.05 * all.reduce((most, [, y]) => Math.max(most, y), 1);
  const x = (value) => left + ((right - left) * value) / last;
  const y = (value) => bottom - ((bottom - top) * value) / high;
  const place = ([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`;
  const label = (words, at, to, anchor) => drawn("text", { x: at, y: to, "text-anchor": anchor }, words);
  const number = (value) => shownNumber(value);

  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren(
    label(labels.y, 0, 12, "start"),
    label(labels.x, (left + right) / 2, height - 6, "middle"),
    ...ticksTo(high).flatMap((value) => [
      drawn("path", { d: `M${left} ${y(value)}H${right}` }),
      label(number(value), left - 6, y(value) + 4, "end"),
    ]),
    ...ticksTo(last, 1).map((value) => label(number(value), x(value), bottom + 16, x(value) > right - 30 ? "end" : "middle")),
    ...(level ? [
      drawn("path", { class: "level", d: `M${left} ${y(level.value)}H${right}` }),
      label(level.name, right, y(level.value) - 4, "end"),
    ] : []),
    ...lines.map(([name, points]) => drawn("polyline", { class: name, points: points.map(place).join(" ") })),
    ...dots.map(([a, b]) => drawn("circle", { class: "held-out", cx: x(a), cy: y(b), r: 3 })),
  );
}

// A matrix as a map: a square of pixels for each block of its rows; the colour shows the sign, its
// strength the size beside the largest.
function drawWeights(canvas, W, m) {
  const blocks = W.length / (m * m), context = canvas.getContext("2d"), style = getComputedStyle(canvas);
  const [low, high] = ["--low", "--high"].map((name) => {
    const value = parseInt(style.getPropertyValue(name).trim().slice(1), 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  });
  let largest = 0;
  for (let i = 0; i < W.length; i++) largest = Math.max(largest, Math.abs(W[i]));
  canvas.width = blocks * m;
  canvas.height = m;
  const image = context.createImageData(blocks * m, m);
  for (let i = 0; i < W.length; i++) {
    const row = Math.floor(i / m), column = i % m + Math.floor(row / m) * m;
    const colour = W[i] < 0 ? low : high, at = 4 * ((row % m) * blocks * m + column);
    for (let c = 0; c < 3; c++) image.data[at + c] = colour[c];
    image.data[at + 3] = (255 * Math.abs(W[i])) / (largest || 1);
  }
  context.putImageData(image, 0, 0);
  canvas.setAttribute("aria-label", `The ${W.length.toLocaleString("en")} weights between hidden units; the largest is ${largest.toPrecision(2)}`);
  putScale(canvas, largest.toPrecision(2));
}
