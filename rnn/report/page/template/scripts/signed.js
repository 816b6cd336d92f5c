// A sum as bars to either side of zero: first what has a name, then what the units add, the largest
// first, then what all others add up to.
const decimal = (value, digits = 3) => value.toFixed(digits).replace("-", "−");
const signed = (value) => (value < 0 ? "" : "+") + decimal(value);

function putSigned(tag, properties = {}) {
  const parts = ["name", "bar"].map((className) => make("span", { className }));
  return make(tag, { className: "next signed", ...properties }, ...parts, make("data", { className: "share" }));
}

function setSigned(row, name, value, most) {
  const [label, bar, share] = row.children;
  label.textContent = name;
  bar.style.setProperty("--x", value / (most || 1));
  share.textContent = signed(value);
  share.value = value;
}

const largest = (units) => Array.from(units.keys()).sort((i, j) => Math.abs(units[j]) - Math.abs(units[i]));

// Puts a sum in, and returns a function that shows one. Pressing a unit calls `press` with its number;
// the rows stay, so that the focus does.
function putSum(parent, { named, most, units: m, press }) {
  const first = Array.from({ length: named }, () => putSigned("p"));
  const bars = Array.from({ length: Math.min(most, m) }, () => putSigned("button", { type: "button" }));
  const rest = putSigned("p");
  parent.replaceChildren(...first, ...bars, ...(m > most ? [rest] : []));
  for (const bar of bars) bar.addEventListener("click", () => press(Number(bar.value)));

  return (names, units) => {
    const order = largest(units).slice(0, bars.length);
    const left = order.reduce((sum, j) => sum - units[j], units.reduce((sum, part) => sum + part, 0));
    const top = Math.max(...[...names.map(([, value]) => value), ...order.map((j) => units[j]), left].map(Math.abs));
    first.forEach((row, i) => setSigned(row, ...names[i], top));
    bars.forEach((bar, i) => {
      bar.value = order[i];
      setSigned(bar, `unit ${order[i]}`, units[order[i]], top);
    });
    setSigned(rest, `${m - most} others`, left, top);
  };
}
