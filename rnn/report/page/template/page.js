"use strict";
// The page's controls. Without this script all that they show is there, still: the controls stay
// hidden, and every sample of the evolution is listed.
{
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  document.documentElement.classList.add("scripted");
  for (const element of all(".live[hidden]")) element.hidden = false;

  // --- Theme, and code ---
  for (const choice of all("[name=theme]")) {
    choice.addEventListener("change", () => {
      document.documentElement.dataset.theme = choice.value;
      document.dispatchEvent(new Event("themechange"));
    });
  }

  const fold = one("#fold-code");
  fold.addEventListener("click", () => {
    const open = !all("details.code").every((code) => code.open);
    fold.textContent = open ? "Fold all code" : "Unfold all code";
    for (const code of all("details.code")) code.open = open;
  });

  // --- Contents that follow the reader ---
  const menu = one(".contents details");
  const links = all(".contents a");
  const headings = links.map((link) => document.getElementById(link.hash.slice(1)));
  const wide = matchMedia("(min-width: 75rem)");
  const arrange = () => { menu.open = wide.matches; };
  wide.addEventListener("change", arrange);
  arrange();
  for (const link of links) link.addEventListener("click", () => { menu.open = wide.matches; });

  let here = null;
  const follow = () => {
    const last = headings.findLastIndex((heading) => heading.getBoundingClientRect().top < 120);
    const link = links[last] ?? null;
    if (link === here) return;
    here?.removeAttribute("aria-current");
    here = link;
    here?.setAttribute("aria-current", "location");
    one(".contents .here").textContent = here ? here.textContent.trim().replace(/\s+/g, " ") : "";
    if (here && wide.matches) {
      const list = one(".contents");
      const place = here.offsetTop - list.clientHeight / 2;
      list.scrollTo({ top: place, behavior: still.matches ? "auto" : "smooth" });
    }
  };
  addEventListener("scroll", () => requestAnimationFrame(follow), { passive: true });
  follow();

  // --- The evolution of the text: one sample at a time ---
  for (const figure of all("figure.evolution")) {
    const samples = all(".samples li", figure);
    const slider = one("input[type=range]", figure), play = one(".play", figure), every = one(".every", figure);
    const label = one("output", figure);
    const losses = samples.map((sample) => Number(sample.dataset.loss));
    const high = Math.max(...losses), low = Math.min(...losses);
    const x = (i) => (100 * i) / Math.max(samples.length - 1, 1);
    const y = (loss) => 4 + (32 * (high - loss)) / (high - low || 1);
    one("polyline", figure).setAttribute("points", losses.map((loss, i) => `${x(i)},${y(loss)}`).join(" "));
    let timer = null;

    const show = (i) => {
      slider.value = i;
      samples.forEach((sample, j) => sample.classList.toggle("current", i === j));
      label.textContent = one(".step", samples[i]).textContent;
      slider.setAttribute("aria-valuetext", label.textContent);
      one(".dot", figure).style.insetInlineStart = `${x(i)}%`;
      one(".dot", figure).style.top = `${y(losses[i]) / 16}rem`;
    };
    const stop = () => {
      clearInterval(timer);
      timer = null;
      play.textContent = "Play";
    };
    slider.addEventListener("input", () => { stop(); show(slider.valueAsNumber); });
    play.addEventListener("click", () => {
      if (timer) return stop();
      const from = slider.valueAsNumber;
      show(from < samples.length - 1 ? from : 0);
      play.textContent = "Pause";
      timer = setInterval(() => {
        if (slider.valueAsNumber < samples.length - 1) show(slider.valueAsNumber + 1);
        else stop();
      }, 900);
    });
    every.addEventListener("click", () => {
      const listed = figure.classList.toggle("one") === false;
      every.setAttribute("aria-pressed", listed);
      stop();
    });
    slider.max = samples.length - 1;
    show(samples.length - 1);
    figure.classList.add("one");
  }

  // --- What the model gives: bars of probabilities, and the hidden units ---
  const percent = (p) => `${(100 * p).toFixed(1)}%`;
  const names = { " ": "space", "\n": "line end", "\t": "tab" };
  const nameOf = (k) => names[model.characters[k]] ?? model.signs[k] ?? model.characters[k];

  const bars = (count, tag) => Array.from({ length: count }, () => {
    const parts = ["name", "bar", "share"].map((className) => make("span", { className }));
    return make(tag, { className: "next" }, ...parts);
  });
  const setBar = (bar, k, p) => {
    const [name, length, share] = bar.children;
    bar.value = k;
    name.textContent = nameOf(k);
    length.style.setProperty("--p", p);
    share.textContent = percent(p);
  };

  const drawUnits = (canvas, state) => {
    const style = getComputedStyle(canvas);
    const m = model.hiddenSize, columns = Math.min(m, 64, Math.ceil(2.5 * Math.sqrt(m))), rows = Math.ceil(m / columns);
    canvas.width = 8 * columns;
    canvas.height = 8 * rows;
    const context = canvas.getContext("2d");
    let most = 0;
    for (let j = 0; j < m; j++) {
      context.fillStyle = style.getPropertyValue(state[j] < 0 ? "--low" : "--high");
      context.globalAlpha = Math.min(Math.abs(state[j]), 1);
      context.fillRect(8 * (j % columns), 8 * Math.floor(j / columns), 7, 7);
      if (Math.abs(state[j]) > Math.abs(state[most])) most = j;
    }
    const above = state.subarray(0, m).filter((value) => value > 0).length;
    canvas.setAttribute("aria-label", `${m} hidden units, ${above} of them above zero; the strongest is unit ${most}, at ${state[most].toFixed(2)}`);
  };

  // --- Reading the passage: what the model expected at each character ---
  const reader = one(".reader");
  if (reader && !model.passage.text.length) reader.remove();
  else if (reader) {
    const text = one("pre.sample", reader.closest("figure")), read = model.passage.text, m = model.hiddenSize;
    const [slider, shade, canvas] = ["input[type=range]", "input[type=checkbox]", "canvas"].map((s) => one(s, reader));
    const rows = bars(Math.min(6, model.characters.length), "li");
    one("ol", reader).append(...rows);

    // Each character gets an element of its own.
    const characters = [];
    const pieces = [...text.childNodes];
    for (const piece of pieces) {
      if (characters.length >= read.length) break;
      if (piece.nodeType === Node.ELEMENT_NODE) {
        characters.push(piece);
        continue;
      }
      const letters = Array.from(piece.data);
      const spans = letters.splice(0, read.length - characters.length).map((c) => make("span", { textContent: c }));
      characters.push(...spans);
      piece.replaceWith(...spans, letters.join(""));
    }
    const place = new Map(characters.map((element, i) => [element, i]));

    // The hidden states are kept, from which the probabilities follow.
    const kept = new Float64Array(read.length * m);
    const surprise = new Float64Array(read.length); // bits
    let known = 0, state = begin(model.passage.prime);
    const readTo = (end) => {
      for (; known < end; known++) {
        kept.set(state.subarray(0, m), known * m);
        surprise[known] = -Math.log2(model.predict(state)[read[known]]);
        characters[known].style.setProperty("--bits", Math.min(surprise[known] / 8, 1));
        state = model.step(read[known], state);
      }
    };
    const readOn = () => {
      const until = performance.now() + 8;
      while (known < read.length && performance.now() < until) readTo(known + 1);
      if (known < read.length) requestAnimationFrame(readOn);
    };

    let current = null;
    const show = (i) => {
      readTo(i + 1);
      slider.value = i;
      current?.classList.remove("read");
      current = characters[i];
      current.classList.add("read");
      const h = kept.subarray(i * m, (i + 1) * m), P = model.predict(h), came = read[i];
      const likely = likeliest(P).slice(0, rows.length);
      if (!likely.includes(came)) likely[likely.length - 1] = came;
      rows.forEach((row, r) => {
        setBar(row, likely[r], P[likely[r]]);
        row.classList.toggle("came", likely[r] === came);
      });
      const words = `${i + 1} of ${read.length}: “${nameOf(came)}”, ${percent(P[came])}, ${surprise[i].toFixed(1)} bits of surprise`;
      slider.setAttribute("aria-valuetext", words);
      one("output", reader).textContent = words;
      drawUnits(canvas, h);
    };
    const pointed = (event) => {
      const i = place.get(event.target.closest("pre > span"));
      if (i !== undefined) show(i);
      return i !== undefined;
    };
    text.addEventListener("pointerover", pointed);
    text.addEventListener("click", (event) => {
      if (pointed(event) && getSelection().isCollapsed) slider.focus({ preventScroll: true });
    });
    slider.addEventListener("input", () => show(slider.valueAsNumber));
    shade.addEventListener("change", () => text.classList.toggle("shaded", shade.checked));
    document.addEventListener("themechange", () => show(slider.valueAsNumber));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(slider.valueAsNumber));
    slider.max = read.length - 1;
    text.classList.add("shaded");
    show(0);
    readOn();
  }

  // --- Writing ---
  const writer = one("#write");
  if (writer) {
    const control = (name) => one(`#write-${name}`);
    const [prime, temperature, topP, length, seed, pace] =
      ["prime", "temperature", "top-p", "length", "seed", "pace"].map(control);
    const [start, on, single, output, status] = ["start", "on", "one", "text", "status"].map(control);
    const canvas = one("canvas", writer);
    const buttons = bars(Math.min(12, model.characters.length), "button");
    for (const button of buttons) button.type = "button";
    one(".bars", writer).append(...buttons);

    const clamped = (input) => {
      const [low, high] = [Number(input.min), Number(input.max)];
      const value = Math.min(Math.max(Math.round(input.valueAsNumber) || low, low), high);
      input.value = value;
      return value;
    };
    const reshaped = (P) => reshape(P, temperature.valueAsNumber, topP.valueAsNumber);

    // What is being written: the state, the random numbers, and how much is still to come.
    let state, random, left = 0, written = 0, running = false, last = null;

    const show = () => {
      const P = reshaped(model.predict(state));
      const likely = likeliest(P);
      buttons.forEach((button, i) => setBar(button, likely[i], P[likely[i]]));
      drawUnits(canvas, state);
    };
    const append = (k) => {
      const character = model.characters[k], sign = model.signs[k];
      if (sign) {
        const element = make("span", { className: "odd", textContent: character });
        element.dataset.sign = sign;
        output.append(element);
        last = null;
      } else {
        if (!last) output.append((last = new Text()));
        last.data += character;
      }
      written += 1;
      state = model.step(k, state);
    };
    const write = () => append(draw(reshaped(model.predict(state)), uniform(random)));

    const anew = () => {
      const read = encode(prime.value);
      output.replaceChildren(make("span", { className: "prime", textContent: read.map((k) => model.characters[k]).join("") }));
      [random, state, last, written] = [generator(clamped(seed), model.stream), begin(read), null, 0];
    };
    // A prime text that the book can't spell is refused by name, and nothing else changes.
    const prepare = () => {
      try {
        anew();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        say(error.message);
        prime.setAttribute("aria-invalid", "true");
        return false;
      }
      prime.removeAttribute("aria-invalid");
      say("");
      return true;
    };
    const say = (words) => { status.textContent = words; };

    const run = () => {
      running = true;
      start.textContent = "Stop";
      on.disabled = single.disabled = true;
      say("Writing …");
      // Characters a second: slow enough to press a bar in time, or done in some seconds.
      const rate = { slow: 3, fast: still.matches ? Infinity : Math.max(60, left / 8), once: Infinity }[pace.value];
      let written = 0, began = null;
      const tick = (now) => {
        if (!running) return;
        began ??= now;
        const due = 1 + ((now - began) / 1000) * rate || Infinity;
        const until = performance.now() + 30;
        for (; written < due && left > 0 && performance.now() < until; written++, left--) write();
        show();
        if (left > 0) requestAnimationFrame(tick);
        else halt();
      };
      requestAnimationFrame(tick);
    };
    const halt = () => {
      running = false;
      start.textContent = "Write";
      on.disabled = single.disabled = false;
      say(`${written.toLocaleString("en")} characters written.`);
    };

    start.addEventListener("click", () => {
      if (running) return halt();
      if (!prepare()) return;
      left = clamped(length);
      run();
    });
    on.addEventListener("click", () => {
      left = left || clamped(length);
      run();
    });
    single.addEventListener("click", () => {
      write();
      show();
      halt();
    });
    const force = (k) => {
      append(k);
      left = Math.max(left - 1, 0);
      show();
      if (!running) halt();
    };
    for (const button of buttons) button.addEventListener("click", () => force(Number(button.value)));
    // With a bar in focus, any character of the book can be typed.
    one(".bars", writer).addEventListener("keydown", (event) => {
      const k = model.index.get((model.lowercase ? event.key.toLowerCase() : event.key).codePointAt(0));
      if ([...event.key].length > 1 || event.key === " " || k === undefined) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      force(k);
    });
    for (const input of [temperature, topP]) {
      const label = () => { one("b", input.closest("label")).textContent = input.valueAsNumber.toFixed(2); };
      input.addEventListener("input", () => { label(); show(); });
      label();
    }
    prime.addEventListener("input", () => { if (!running && prepare()) show(); });
    document.addEventListener("themechange", () => drawUnits(canvas, state));
    anew();
    show();
  }
}
