// The places at which the hidden state was nearest to the chosen one.
const NEAREST = 10, AROUND = [40, 20]; // places, and characters shown before and after each
const KEPT = 25_000_000; // numbers of the states that are kept, at 4 bytes each

// Reads the texts, a character at a time, and returns the places that can be chosen with their states. Of a
// large network it reads only the first ones. `tell` is called after each character.
function* statesIn(texts, tell) {
  const m = model.hiddenSize, most = Math.floor(KEPT / m), places = [];
  const states = new Float32Array(m * Math.min(placesIn(texts), most));
  for (const text of texts) {
    for (const place of statesOver(text, model)) {
      tell();
      if (place && places.length < most) {
        states.set(place.state.subarray(0, m), m * places.length);
        places.push({ text, t: place.t });
      }
      if (places.length === most) return { places, states };
      yield;
    }
  }
  return { places, states };
}

const placesIn = (texts) => texts.reduce((sum, { read, first }) => sum + read.length - first + 1, 0);

// Returns the places with the nearest states, the nearest first. `except` says which is none of them.
function* nearestPlaces(h, { places, states }, except) {
  const m = h.length, found = [];
  for (let i = 0; i < places.length; i++) {
    let far = 0;
    for (let j = 0; j < m; j++) far += (h[j] - states[i * m + j]) ** 2;
    if (far < (found[NEAREST - 1]?.far ?? Infinity) && !except(places[i])) {
      found.push({ far, ...places[i] });
      found.sort((one, other) => one.far - other.far).splice(NEAREST);
    }
    if (i % 1000 === 0) yield;
  }
  return found;
}

function findNearest(section, apart) {
  const part = (name) => one(`#apart-${name}`, section);
  const [find, progress, list, said] = ["find", "progress", "nearest", "found"].map(part);
  let stop = () => {}, searched = null, known = null; // whose neighbours are shown, and the states of the texts

  const item = ({ far, text, t }) => {
    const letter = (k) => model.signs[k] ?? model.characters[k].replace("\n", "↵");
    const letters = (from, to) => text.read.slice(Math.max(from, 0), to).map(letter).join("");
    const marked = make("mark", {}, letters(t, t + 1) || "?");
    const around = make("code", {}, letters(t - AROUND[0], t), marked, letters(t + 1, t + AROUND[1]));
    const where = `${Math.sqrt(far).toFixed(3)}, in ${text.name}, at character ${(t - text.first + 1).toLocaleString("en")}`;
    const row = make("li", {}, make("span", {}, where), around);
    if (text.inPassage && !apart.mine()) {
      row.append(action("Take apart", `character ${t - text.first + 1}`, () => {
        apart.goTo(t);
        part("at").focus(); // the list is gone
      }));
    }
    return row;
  };
  const whose = ({ text: { read, first }, at }) =>
    at === read.length
      ? "the one after the text"
      : `the one before “${nameOf(read[at])}” (${placeOf(at - first + 1, read.length - first)})`;
  function* search(h, texts) {
    known ??= yield* statesIn(texts, () => { progress.value += 1; });
    const mine = apart.mine(), count = known.places.length - (mine ? 0 : 1);
    const found = yield* nearestPlaces(h, known, ({ text, t }) => !mine && text.inPassage && t === searched.at);
    list.replaceChildren(...found.map(item));
    progress.hidden = true;
    said.textContent = found.length
      ? `The ${found.length} nearest of ${count.toLocaleString("en")} states to ${whose(searched)}, by Euclidean distance.`
      : "There is no other state.";
  }
  const clear = () => {
    stop();
    searched = null;
    list.replaceChildren();
    progress.hidden = true;
    for (const name of ["value", "max"]) progress.removeAttribute(name);
    said.textContent = "";
  };

  find.addEventListener("click", () => {
    clear();
    if (!apart.isRead()) return;
    searched = apart.chosen();
    const passage = { name: "the passage", inPassage: true, ...passageText() };
    const texts = [passage, ...excerptOf("held_out", "the validation part"), ...excerptOf("training", "the training part")];
    progress.max = texts.reduce((sum, { read }) => sum + read.length + 1, 0);
    progress.value = 0;
    progress.hidden = Boolean(known);
    stop = inSlices(search(apart.h().slice(), texts), { time: 24 });
  });
  // What is shown is of the character that it was searched for, and no other.
  apart.moved.push(clear);
  document.addEventListener("model", () => {
    known = null;
    clear();
  });
  clear();
}

for (const section of all(".apart")) {
  const apart = takeApart(section);
  switchUnits(section, apart);
  findNearest(section, apart);
}
