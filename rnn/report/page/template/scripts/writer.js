// Writing with the model.

// The text being written: its element grows by one character at a time.
function manuscript(output) {
  let state, random, count, last, chosen;

  const append = (k) => {
    if (model.signs[k]) {
      output.append(letterOf(k));
      last = null;
    } else {
      if (!last) output.append((last = new Text()));
      last.data += model.characters[k];
    }
    count += 1;
    state = model.step(k, state);
  };
  const restart = (prime, seed) => {
    const textContent = prime.map((k) => model.characters[k]).join("");
    output.replaceChildren(make("span", { className: "prime", textContent }));
    [random, state, last, count, chosen] = [generator(seed, model.stream), begin(prime), null, 0, []];
  };
  // The characters that the reader chose can be taken back, until the network goes on.
  const choose = (k) => {
    chosen.push(state);
    append(k);
  };
  const takeBack = () => {
    const end = output.lastChild;
    if (last) last.data = Array.from(last.data).slice(0, -1).join("");
    if (!last?.data) end.remove();
    const before = output.lastChild;
    last = before?.nodeType === Node.TEXT_NODE ? before : null;
    state = chosen.pop();
    count -= 1;
  };
  const write = (P) => {
    chosen = [];
    append(draw(P, uniform(random)));
  };
  return {
    choose,
    takeBack,
    chosen: () => chosen.length,
    restart,
    write,
    all: () => output.textContent,
    probabilities: () => model.predict(state),
    units: () => state.subarray(0, model.hiddenSize),
    count: () => count,
  };
}

// Characters per second: slow enough to press a bar in time, or fast enough to end in some seconds.
function rateOf(pace, length) {
  if (pace === "slow") return 3;
  return pace === "once" || still.matches ? Infinity : Math.max(60, length / 8);
}

// The character of a key pressed without modifiers; undefined if the book lacks it.
function typed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const key = model.lowercase ? event.key.toLowerCase() : event.key;
  // The space bar presses a bar of the page. Keys such as Enter have names of several characters.
  return key === " " || [...event.key].length > 1 ? undefined : model.index.get(key.codePointAt(0));
}

function writeWithModel(writer) {
  const control = (name) => one(`#write-${name}`, writer);
  const [prime, temperature, topP, length, seed, pace] =
    ["prime", "temperature", "top-p", "length", "seed", "pace"].map(control);
  const [start, on, single, back, output, status] = ["start", "on", "one", "back", "text", "status"].map(control);
  const canvas = one("canvas", writer), side = one(".bars", writer);
  const text = manuscript(output);
  let left = 0, running = false, frame = 0, bars, weights;

  const say = (words) => { status.textContent = words; };
  const probabilities = () => adjust(text.probabilities(), temperature.valueAsNumber, topP.valueAsNumber);
  const show = () => {
    const P = probabilities(), likely = likeliest(P);
    bars.forEach((bar, i) => setBar(bar, likely[i], P[likely[i]]));
    drawUnits(canvas, text.units());
    back.disabled = !text.chosen();
  };

  const readFrom = (input, read) => readField(input, read, say);
  const restart = () => {
    const given = readFrom(prime, () => encode(prime.value)), number = given && readFrom(seed, wholeNumber);
    if (number === undefined) return false;
    text.restart(given, number);
    say("");
    return true;
  };

  const setRunning = (value) => {
    running = value;
    start.textContent = running ? "Stop" : "Write";
    on.disabled = single.disabled = running;
  };
  const halt = () => {
    cancelAnimationFrame(frame);
    setRunning(false);
    say(`${text.count().toLocaleString("en")} characters written.`);
  };
  const run = () => {
    setRunning(true);
    say("Writing …");
    const rate = rateOf(pace.value, left);
    let written = 0, began = null;
    const tick = (now) => {
      began ??= now;
      const due = rate === Infinity ? Infinity : 1 + ((now - began) / 1000) * rate;
      const until = performance.now() + 30; // keeps the page responsive
      for (; written < due && left > 0 && performance.now() < until; written++, left--) {
        text.write(probabilities());
      }
      show();
      if (left > 0) frame = requestAnimationFrame(tick);
      else halt();
    };
    frame = requestAnimationFrame(tick);
  };
  const choose = (k) => {
    text.choose(k);
    left = Math.max(left - 1, 0);
    show();
    if (!running) halt();
  };
  const takeBack = () => {
    if (!text.chosen()) return say("Only characters that you chose last can be taken back.");
    text.takeBack();
    left += 1;
    show();
    if (!running) halt();
  };

  start.addEventListener("click", () => {
    if (running) return halt();
    const wanted = readFrom(length, wholeNumber);
    if (!wanted || !restart()) return;
    left = wanted;
    run();
  });
  on.addEventListener("click", () => {
    left ||= readFrom(length, wholeNumber) ?? 0;
    if (left) run();
  });
  single.addEventListener("click", () => {
    text.write(probabilities());
    show();
    halt();
  });
  side.addEventListener("click", (event) => {
    const bar = event.target.closest("button");
    if (bar) choose(Number(bar.value));
  });
  back.addEventListener("click", () => {
    takeBack();
    if (back.disabled) bars[0].focus(); // a disabled button loses the focus
  });
  for (const place of [side, output]) {
    place.addEventListener("keydown", (event) => {
      if (event.key !== "Backspace" || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      takeBack();
    });
  }
  control("save").addEventListener("click", () => save("text.txt", text.all()));
  control("model").addEventListener("click", () => save("model.json", one("#model").textContent, "application/json"));
  for (const input of [length, seed]) {
    input.addEventListener("input", () => {
      if (input.hasAttribute("aria-invalid") && readFrom(input, wholeNumber) !== undefined) say("");
    });
  }
  // With a bar in focus, any character of the book can be typed.
  side.addEventListener("keydown", (event) => {
    const k = typed(event);
    if (k === undefined) return;
    event.preventDefault();
    choose(k);
  });
  for (const input of [temperature, topP]) {
    const value = one("b", input.closest("label"));
    const label = () => { value.textContent = input.valueAsNumber.toFixed(2); };
    input.addEventListener("input", () => {
      label();
      show();
    });
    label();
  }
  prime.addEventListener("input", () => {
    if (!running && restart()) show();
  });
  // Begins with the model that there is now. If it lacks a character of the prime text, there is none.
  const writeAnew = () => {
    cancelAnimationFrame(frame);
    setRunning(false);
    [left, weights] = [0, model.weights];
    bars = putBars(side, 12, "button", { type: "button" });
    if (!restart()) text.restart([], seed.valueAsNumber || 0);
    show();
  };
  // The same network with other units switched off goes on with the text.
  document.addEventListener("model", () => {
    if (model.weights === weights && (running || text.count())) show();
    else writeAnew();
  });
  for (const input of [length, seed]) input.removeAttribute("aria-invalid");
  prime.value = prime.dataset.text;
  writeAnew();
}
for (const writer of all(".writer")) writeWithModel(writer);
