// Bars for the probabilities of some characters.
const percent = (p) => `${(100 * p).toFixed(1)}%`;

const NAMES = { " ": "space", "\n": "line end", "\t": "tab" };
const nameOf = (k) => NAMES[model.characters[k]] ?? model.signs[k] ?? model.characters[k];

// A place among so many.
const placeOf = (i, count) => `${i.toLocaleString("en")} of ${count.toLocaleString("en")}`;

// Puts empty bars in, no more than there are characters, and returns them.
function putBars(parent, most, tag, properties = {}) {
  const bars = Array.from({ length: Math.min(most, model.characters.length) }, () => {
    const parts = ["name", "bar", "share"].map((className) => make("span", { className }));
    return make(tag, { className: "next", ...properties }, ...parts);
  });
  parent.replaceChildren(...bars);
  return bars;
}

function setBar(bar, k, p) {
  const [name, length, share] = bar.children;
  bar.value = k;
  name.textContent = nameOf(k);
  length.style.setProperty("--p", p);
  share.textContent = percent(p);
}
