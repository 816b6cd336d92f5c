// The hidden units as a grid of squares: the colour shows the sign, its strength the magnitude.
// The colours are those of the figure of neurons, the same in the light and the dark theme.
const SQUARE = 8; // pixels, including a gap of one

function drawUnits(canvas, h) {
  const m = h.length, columns = Math.min(m, 64, Math.ceil(2.5 * Math.sqrt(m)));
  canvas.width = SQUARE * columns;
  canvas.height = SQUARE * Math.ceil(m / columns);
  const context = canvas.getContext("2d"), style = getComputedStyle(canvas);
  const [low, high] = ["--low", "--high"].map((name) => style.getPropertyValue(name));
  h.forEach((value, j) => {
    context.fillStyle = value < 0 ? low : high;
    context.globalAlpha = Math.min(Math.abs(value), 1);
    context.fillRect(SQUARE * (j % columns), SQUARE * Math.floor(j / columns), SQUARE - 1, SQUARE - 1);
  });
  canvas.setAttribute("aria-label", describeUnits(h));
  putScale(canvas, 1);
}

function describeUnits(h) {
  const above = h.filter((value) => value > 0).length;
  const most = h.reduce((best, value, j) => (Math.abs(value) > Math.abs(h[best]) ? j : best), 0);
  return `${h.length} hidden units, ${above} of them above zero; the strongest is unit ${most}, at ${h[most].toFixed(2)}`;
}
