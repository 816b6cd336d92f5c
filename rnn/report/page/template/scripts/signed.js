// A sum as bars to either side of zero: first what has a name, then what the units add, the largest
// first, then what all others add up to.
const decimal = (value, digits = 3) => value.toFixed(digits).replace("-", "−");
const signed = (value) => (value < 0 ? "" : "+") + decimal(value);

function putSigned(tag, properties = {}) {
  const parts = ["name", "bar"].map((className) => make("span", { className }));
  return make(tag, { className: "next signed", ...properties }, ...parts, make("data", { className: "share" }));
}

function setSigned(row, name, value) {
  const [label, bar, share] = row.children;
  label.textContent = name;
  bar.style.setProperty("--x", value);
  share.textContent = signed(value);
  share.value = value;
}

const largest = (units) => Array.from(units.keys()).sort((i, j) => Math.abs(units[j]) - Math.abs(units[i]));

// Gives the bars within an element a common scale, up to the largest of them.
const setScale = (parent, most) => parent.style.setProperty("--most", most || 1);

// Puts a sum in, and returns a function that shows one and returns the largest part, for `setScale`.
// Pressing a unit calls `press` with its number; the rows stay, so that the focus does.
function putSum(parent, { named, most, units: m, press }) {
  const first = Array.from({ length: named }, () => putSigned("p"));
  const bars = Array.from({ length: Math.min(most, m) }, () => putSigned("button", { type: "button" }));
  const rest = putSigned("p");
  parent.replaceChildren(...first, ...bars, ...(m > most ? [rest] : []));
  for (const bar of bars) bar.addEventListener("click", () => press(Number(bar.value)));

  return (names, units) => {
    const order = largest(units).slice(0, bars.length);
    const left = order.reduce((sum, j) => sum - units[j], units.reduce((sum, part) => sum + part, 0));
    first.forEach((row, i) => setSigned(row, ...names[i]));
    bars.forEach((bar, i) => {
      bar.value = order[i];
      setSigned(bar, `unit ${order[i]}`, units[order[i]]);
    });
    setSigned(rest, `${m - most} others`, left);
    return Math.max(...[...names.map(([, value]) => value), ...order.map((j) => units[j]), left].map(Math.abs));
  };
}
