// Reading the passage: what the network expected at each character.

// Gives each of the first `count` characters an element of its own, and returns these elements.
// Characters shown by a sign already have one, and in a saved page all have.
function splitCharacters(text, count) {
  const characters = [];
  for (const piece of [...text.childNodes]) {
    if (characters.length >= count) break;
    if (piece.nodeType === Node.ELEMENT_NODE) {
      characters.push(piece);
      continue;
    }
    const letters = Array.from(piece.data);
    const spans = letters.splice(0, count - characters.length).map((c) => make("span", { textContent: c }));
    characters.push(...spans);
    piece.replaceWith(...spans, letters.join(""));
  }
  return characters;
}

// Reads a text once. Calls `each` with each position and its surprise, and `pause` after each frame's
// work. It keeps the hidden states, from which the probabilities can be recomputed.
function recordReading({ prime, text }, each, pause) {
  const m = model.hiddenSize, kept = new Float64Array(text.length * m);
  const surprise = new Float64Array(text.length); // bits
  let known = 0;

  function* reading() {
    let state = begin(prime);
    while (known < text.length) {
      kept.set(state.subarray(0, m), known * m);
      surprise[known] = -Math.log2(model.predict(state)[text[known]]);
      each(known, surprise[known]);
      state = model.step(text[known], state);
      known += 1;
      yield;
    }
  }
  // What is known of a position; null if it is not read yet.
  const at = (i) => (i < known ? { h: kept.subarray(i * m, (i + 1) * m), surprise: surprise[i] } : null);
  return { at, stop: inSlices(reading(), { pause }) };
}

function readPassage(reader) {
  const text = one("pre.sample", reader.closest("figure"));
  const [slider, shade, canvas, said, list] =
    ["[type=range]", "[type=checkbox]", "canvas", "output", "ol"].map((selector) => one(selector, reader));
  const characters = splitCharacters(text, model.passage.text.length);
  const place = new Map(characters.map((element, i) => [element, i]));
  let current = one(".read", text) ?? characters[0], chosen, shown, read, reading, rows;

  const mark = (i) => {
    slider.value = i;
    current.classList.remove("read");
    current = characters[i];
    current.classList.add("read");
  };
  // Shows the likeliest characters; the one that came is always among them.
  const showBars = (P, came) => {
    const likely = likeliestWith(P, rows.length, came);
    rows.forEach((row, r) => {
      setBar(row, likely[r], P[likely[r]]);
      row.classList.toggle("came", likely[r] === came);
    });
  };
  const showChosen = () => {
    const known = reading.at(chosen);
    shown = known !== null;
    if (!shown) return;
    const { h, surprise } = known, P = model.predict(h), came = read[chosen];
    showBars(P, came);
    said.textContent = `${placeOf(chosen + 1, read.length)}: “${nameOf(came)}”, ${percent(P[came])}, ${surprise.toFixed(1)} bits of surprise`;
    slider.setAttribute("aria-valuetext", said.textContent);
    drawUnits(canvas, h);
  };
  const show = (i) => {
    chosen = i;
    mark(i);
    showChosen();
  };
  const tellChoice = () => document.dispatchEvent(new CustomEvent("character", { detail: slider.valueAsNumber }));
  const showPointed = (event) => {
    const i = place.get(event.target.closest("pre > span"));
    if (i !== undefined && !reader.hidden) show(i);
    return i !== undefined;
  };

  text.addEventListener("pointerover", showPointed);
  text.addEventListener("click", (event) => {
    // The arrow keys then move on from here. Selecting text does not move the focus.
    if (!showPointed(event) || !getSelection().isCollapsed) return;
    slider.focus({ preventScroll: true });
    tellChoice();
  });
  slider.addEventListener("input", () => {
    show(slider.valueAsNumber);
    tellChoice();
  });
  const shadeText = () => { text.classList.toggle("shaded", shade.checked && !reader.hidden); };
  shade.addEventListener("change", shadeText);
  slider.max = characters.length - 1;
  // Reads with the model that there is now.
  const readAnew = (i) => {
    reading?.stop();
    read = model.passage.text;
    reader.hidden = !read.length; // this model lacks a character of the passage
    shadeText();
    if (reader.hidden) return;
    reading = recordReading(model.passage, (k, bits) => {
      characters[k].style.setProperty("--bits", Math.min(bits / 8, 1));
    }, () => {
      if (!shown) showChosen();
    });
    rows = putBars(list, 6, "li");
    show(i);
  };
  document.addEventListener("model", () => readAnew(slider.valueAsNumber));
  readAnew(0);
}

// Below the text, on a small screen, the panel has what covers little of it.
function foldPanel(reader) {
  const more = one(".more", reader), wide = matchMedia("(min-width: 75rem)");
  const arrange = () => { more.open = wide.matches; };
  wide.addEventListener("change", arrange);
  arrange();
}

for (const reader of all(".reader")) {
  foldPanel(reader);
  // The passage is empty if the model can't have written it.
  if (model.passage.text.length) readPassage(reader);
  else reader.remove();
}
