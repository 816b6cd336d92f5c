// The places at which the hidden state was nearest to the chosen one.
const NEAREST = 10, AROUND = [40, 20]; // places, and characters shown before and after each

function distance2(h, state) {
  let sum = 0;
  for (let j = 0; j < h.length; j++) sum += (h[j] - state[j]) ** 2;
  return sum;
}

// Reads the texts, a character at a time, and returns the places, the nearest first, and how many
// there were; `tell` is called after each character.
function* nearestPlaces(h, texts, tell) {
  const found = [];
  let count = 0;
  for (const text of texts) {
    for (const place of statesOver(text, model)) {
      tell();
      const seen = place && place.t !== text.except, far = seen ? distance2(h, place.state) : Infinity;
      if (seen) count += 1;
      if (far < (found[NEAREST - 1]?.far ?? Infinity)) {
        found.push({ far, text, t: place.t });
        found.sort((one, other) => one.far - other.far).splice(NEAREST);
      }
      yield;
    }
  }
  return { found, count };
}

function findNearest(section, apart) {
  const part = (name) => one(`#apart-${name}`, section);
  const [find, progress, list, said] = ["find", "progress", "nearest", "found"].map(part);
  let stop = () => {};

  const item = ({ far, text, t }) => {
    const letter = (k) => model.signs[k] ?? model.characters[k].replace("\n", "↵");
    const letters = (from, to) => text.read.slice(Math.max(from, 0), to).map(letter).join("");
    const marked = make("mark", {}, letters(t, t + 1) || "?");
    const around = make("code", {}, letters(t - AROUND[0], t), marked, letters(t + 1, t + AROUND[1]));
    const where = `${Math.sqrt(far).toFixed(3)}, in ${text.name}, at character ${(t - text.first + 1).toLocaleString("en")}`;
    const row = make("li", {}, make("span", {}, where), around);
    if (text.inPassage && !apart.mine()) {
      row.append(action("Take apart", `character ${t - text.first + 1}`, () => apart.goTo(t)));
    }
    return row;
  };
  function* search(h, texts) {
    const { found, count } = yield* nearestPlaces(h, texts, () => { progress.value += 1; });
    list.replaceChildren(...found.map(item));
    progress.hidden = true;
    said.textContent = found.length
      ? `The ${found.length} nearest of ${count.toLocaleString("en")} states, by Euclidean distance.`
      : "There is no other state.";
  }
  const clear = () => {
    stop();
    list.replaceChildren();
    progress.hidden = true;
    for (const name of ["value", "max"]) progress.removeAttribute(name);
    said.textContent = "";
  };

  find.addEventListener("click", () => {
    clear();
    if (!apart.isRead()) return;
    const { at } = apart.chosen(), passage = { name: "the passage", inPassage: true, ...passageText() };
    if (!apart.mine()) passage.except = at;
    const texts = [passage, ...excerptOf("training", "the training part"), ...excerptOf("held_out", "the validation part")];
    progress.max = texts.reduce((sum, { read }) => sum + read.length + 1, 0);
    progress.value = 0;
    progress.hidden = false;
    stop = inSlices(search(apart.h().slice(), texts));
  });
  document.addEventListener("model", clear);
  clear();
}

for (const section of all(".apart")) {
  const apart = takeApart(section);
  switchUnits(section, apart);
  findNearest(section, apart);
}
