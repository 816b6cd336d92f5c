// Taking a character apart: what each unit added to its score, and what made the unit, one character
// earlier each time.
const BEFORE = 60, AFTER = 40; // characters shown around the chosen one

function takeApart(section) {
  const part = (name) => one(`#apart-${name}`, section);
  const [own, strip, slider, said, where, next, score, summed] =
    ["own", "text", "at", "said", "place", "next", "score", "sum"].map(part);
  const [unit, trail, how, inside, back, forth] =
    ["unit", "trail", "how", "inside", "back", "forth"].map(part);
  const choices = all("[name=apart-source]", section);
  // Called when another character has been chosen, and once another place or text is asked for.
  const changed = [], moved = [];
  // What is read, its states as far as they are known, the place in it and the character that is
  // chosen, and the units that were followed, each a character before the other; and what of these is
  // to be shown again once the place is read.
  let text = null, states, at, k, path = [], kept = {}, stop = () => {}, bars, weights, showScore, showBlocks;

  const quoted = (index) => `“${nameOf(index)}”`;
  // Until then, what is shown is not of this text and network, and pressing it does nothing.
  const known = () => Boolean(text && states[at]);
  const h = () => states[at].subarray(0, model.hiddenSize);

  const showText = () => {
    const from = Math.max(at - BEFORE, 0), to = Math.min(at + AFTER, text.read.length);
    const letters = text.read.slice(from, to).map((index) => letterOf(index));
    letters.forEach((letter, i) => {
      if (from + i >= text.first) letter.dataset.at = from + i;
      else letter.classList.add("prime");
      letter.classList.toggle("chosen", from + i === at);
    });
    if (at === text.read.length) letters.push(make("span", { className: "chosen", textContent: "?" }));
    strip.replaceChildren(...letters);
  };

  const showUnit = () => {
    const j = path.at(-1), t = at + 1 - path.length, value = states[t][j], x = text.read[t - 1];
    const { how: formula, blocks } = unitParts(j, x, states[t - 1]);
    const before = states[t - 1][j];
    unit.textContent = `Unit ${j} after ${quoted(x)}: ${decimal(value)}`;
    trail.textContent = path.map((i, far) => `unit ${i} after ${quoted(text.read[at - 1 - far])}`).join(" ← ");
    const none = value === 0 && blocks[0].value !== 0 ? " It is switched off, so it is zero." : "";
    how.textContent = `${formula}. Before the character ${quoted(x)} was read, the unit was at ${decimal(before)}.${none}`;
    setScale(inside, Math.max(...showBlocks.map((show, i) => show(blocks[i], x))));
    back.disabled = t === 1;
    forth.disabled = path.length === 1;
    for (const button of all("button", inside)) button.disabled = t === 1;
  };
  const followPath = (numbers) => {
    if (!known()) return;
    path = numbers;
    showUnit();
  };
  const startFrom = (j) => followPath([j]);
  const follow = (j) => followPath([...path, j]);

  const showCharacter = () => {
    const P = model.predict(states[at]), likely = likeliestWith(P, bars.length, k);
    bars.forEach((bar, i) => {
      setBar(bar, likely[i], P[likely[i]]);
      bar.classList.toggle("came", likely[i] === text.read[at]);
      bar.setAttribute("aria-pressed", likely[i] === k);
    });
    const parts = scoreParts(k, h());
    setScale(score, showScore([["the bias", parts.bias]], parts.units));
    const { off } = model, added = units(parts.units.length - off.length);
    summed.textContent =
      `The bias and ${off.length ? `the ${added} that ${added === "1 unit" ? "is" : "are"} on` : added} add up to ${signed(parts.sum)}, the score of ${quoted(k)}. ` +
      `Its probability, ${percent(P[k])}, is its share in the sum of exp(score) over all ${P.length} characters.`;
    startFrom(largest(parts.units)[0]);
  };
  const choose = (character) => {
    if (!known()) return;
    k = character;
    showCharacter();
    for (const tell of changed) tell();
  };

  const show = () => {
    const came = text.read[at], here = at - text.first + 1, count = text.read.length - text.first;
    slider.value = at;
    where.textContent = came === undefined
      ? "After the text: the character to come."
      : `${placeOf(here, count)}: ${quoted(came)}, after ${quoted(text.read[at - 1])}.`;
    slider.setAttribute("aria-valuetext", where.textContent);
    showText();
    const { k: character, path: numbers } = kept;
    kept = {};
    choose(character ?? came ?? likeliest(model.predict(states[at]))[0]);
    if (numbers) followPath(numbers);
  };
  const within = (place) => Math.min(Math.max(place, text.first), text.read.length);
  // What is not read yet is shown once it is.
  const goTo = (place) => {
    if (within(place) !== at) for (const tell of moved) tell();
    at = within(place);
    kept = {};
    slider.value = at;
    if (known()) show();
    else where.textContent = "Reading …";
  };

  function* reading() {
    for (const place of statesOver(text, model, states)) {
      if (place?.t === at) show();
      yield;
    }
  }
  // `again` has the place to begin with and what to show there, if that is known.
  const read = (next, again) => {
    stop();
    for (const tell of moved) tell();
    text = next;
    for (const element of all(".apart-known", section)) element.hidden = !text;
    if (!text) return;
    [states, kept] = [[], again];
    at = within(again.at ?? text.first);
    [slider.min, slider.max] = [text.first, text.read.length];
    stop = inSlices(reading());
  };
  // The reader's own text, or null with words that say why there is none.
  const readOwn = () => {
    try {
      const { indices, lacking } = atOnce(knownOf(asRead(own.value), model.index));
      const left = leftOut(lacking);
      if (!indices.length) throw new RangeError(left || "Type a text of your own.");
      own.removeAttribute("aria-invalid");
      said.textContent = left;
      return ownText(indices);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (own.value) own.setAttribute("aria-invalid", "true");
      said.textContent = error.message;
      return null;
    }
  };
  const mine = () => choices.find((choice) => choice.checked).value === "own";
  const readChosen = (again = {}) => {
    own.closest("label").hidden = !mine();
    if (mine()) {
      const given = readOwn();
      read(given, { at: given?.read.length, ...again });
    } else {
      said.textContent = "";
      read(passageText(), again);
    }
  };

  // Makes the rows for the network that there is now.
  const arrange = () => {
    weights = model.weights;
    bars = putBars(next, 6, "button", { type: "button" });
    const m = model.hiddenSize;
    showScore = putSum(score, { named: 1, most: 8, units: m, press: startFrom });
    const { blocks } = cells[model.cell].inside(0, model.zero(), m, () => 0);
    inside.replaceChildren();
    showBlocks = blocks.map(() => {
      const title = make("h5"), [sums, list] = [1, 2].map(() => make("div", { className: "bars" }));
      const between = make("p", { className: "said-of" }, "The state before, by unit:");
      inside.append(make("div", { className: "block" }, title, sums, between, list));
      const showSum = putSum(sums, { named: 3, most: 0, units: 0 });
      const showUnits = putSum(list, { named: 0, most: 5, units: m, press: follow });
      return ({ name, by, value, gate, character, bias, state: before, units: each, sum }, x) => {
        title.textContent = `${name} = ${by}(${signed(sum)}) ≈ ${decimal(value)}`;
        const gated = gate === undefined ? "the state before" : "r × the state before";
        const parts = [[quoted(x), character], [gated, before], ["the bias", bias]];
        return Math.max(showSum(parts, []), showUnits([], each));
      };
    });
  };

  next.addEventListener("click", (event) => {
    const bar = event.target.closest("button");
    if (bar) choose(Number(bar.value));
  });
  strip.addEventListener("click", (event) => {
    const place = event.target.dataset.at;
    if (place === undefined || !getSelection().isCollapsed) return;
    goTo(Number(place));
    slider.focus({ preventScroll: true });
  });
  slider.addEventListener("input", () => goTo(slider.valueAsNumber));
  back.addEventListener("click", () => {
    if (path.length) follow(path.at(-1));
    if (back.disabled) forth.focus(); // a disabled button loses the focus
  });
  forth.addEventListener("click", () => {
    followPath(path.slice(0, -1));
    if (forth.disabled) back.focus();
  });
  own.addEventListener("input", () => readChosen());
  for (const choice of choices) choice.addEventListener("change", () => readChosen());
  // The choice of the panel beside the passage is followed.
  document.addEventListener("character", ({ detail: i }) => {
    if (text && !mine()) goTo(text.first + i);
  });
  // The same network with other units switched off is asked about the same character and units.
  document.addEventListener("model", () => {
    const same = model.weights === weights, now = known() ? { k, path } : kept;
    if (!same) arrange();
    readChosen(at === undefined ? {} : { ...(same ? now : {}), at });
  });
  own.removeAttribute("aria-invalid");
  arrange();
  readChosen();
  return {
    isRead: known,
    chosen: () => ({ text, at, k, states }),
    h,
    goTo,
    mine,
    changed,
    moved,
  };
}
