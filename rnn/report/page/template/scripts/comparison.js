// A study: its settings are switched on and off, and a run's curve or point leads to its row.
// In a drawing the groups of setting 3 have ids that end in -3, and those of its run with seed 400 in
// -3-400; rows and texts have the same numbers as marks.
const NUMBERED = /^fig-[a-z]+-[a-z]+-(\d+)(-\d+)?$/;

// Returns what belongs to each setting, and what belongs to each run.
function markedElements() {
  const settings = new Map(), runs = new Map();
  const add = (map, key, element) => {
    if (!map.has(key)) map.set(key, []);
    map.get(key).push(element);
  };
  const sort = (element, setting, seed) => {
    if (seed) add(runs, setting + seed, element);
    add(settings, setting, element);
  };

  for (const group of all("figure.figure svg [id]")) {
    const found = group.id.match(NUMBERED);
    if (found) sort(group, found[1], found[2]);
  }
  for (const element of all("[data-mark]")) {
    const [setting, seed] = element.dataset.mark.split("-");
    sort(element, setting, seed && `-${seed}`);
  }
  return { settings, runs };
}
const marked = markedElements();
const changed = []; // called when settings have been switched

function switchSettings(fieldset) {
  const boxes = all("input", fieldset);
  const apply = () => {
    for (const box of boxes) {
      for (const element of marked.settings.get(box.value) ?? []) element.classList.toggle("off", !box.checked);
    }
    for (const follow of changed) follow();
  };

  fieldset.addEventListener("change", apply);
  for (const button of all("button", fieldset)) {
    button.addEventListener("click", () => {
      for (const box of boxes) box.checked = button.value === "all";
      apply();
    });
  }
  apply();
}

// The points of a line or of a mark, in the units of its drawing.
function pointsOf(group) {
  const marks = all("use", group);
  if (marks.length) return marks.map((mark) => [Number(mark.getAttribute("x")), Number(mark.getAttribute("y"))]);
  const numbers = (one("path", group)?.getAttribute("d") ?? "").match(/-?[\d.]+/g)?.map(Number) ?? [];
  return Array.from({ length: numbers.length >> 1 }, (_, i) => numbers.slice(2 * i, 2 * i + 2));
}

// The square of the distance of a point from the line through others.
function distance(x, y, points) {
  let nearest = Infinity;
  for (let i = 0; i < points.length; i++) {
    const [x0, y0] = points[Math.max(i - 1, 0)], [x1, y1] = points[i];
    const dx = x1 - x0, dy = y1 - y0;
    const t = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1)));
    nearest = Math.min(nearest, (x - x0 - t * dx) ** 2 + (y - y0 - t * dy) ** 2);
  }
  return nearest;
}

const rowOf = (mark) => (marked.runs.get(mark) ?? []).find((element) => element.matches("tr"));

function describe(row) {
  const heads = all("thead > tr > *", row.closest("table"));
  const cells = [...row.cells].map((cell, i) => [heads[i].textContent, cell.textContent]);
  return cells.filter(([, value]) => value).map(([name, value]) => `${name} ${value}`).join(", ");
}

let picked = null;
function pick(mark) {
  for (const element of marked.runs.get(picked) ?? []) element.classList.remove("picked");
  picked = mark;
  for (const element of marked.runs.get(mark) ?? []) element.classList.add("picked");
  const row = rowOf(mark), box = row?.closest(".tall");
  if (box) box.scrollTop = row.offsetTop - box.clientHeight / 2;
}

// Goes to a run's row; Escape leads back.
function goTo(row, back) {
  row.tabIndex = -1;
  row.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
  row.focus({ preventScroll: true });
  row.onkeydown = (event) => {
    if (event.key !== "Escape") return;
    back.focus({ preventScroll: true });
    back.closest("figure").scrollIntoView({ block: "center" });
  };
}

const REACH = 12; // pixels from the pointer to a line

function findRuns(figure) {
  const svg = one("svg", figure);
  const drawn = all("[id]", svg).flatMap((group) => {
    const found = group.id.match(NUMBERED), mark = found?.[2] && found[1] + found[2];
    return mark && rowOf(mark) ? [{ mark, group, points: pointsOf(group) }] : [];
  });
  if (!drawn.length) return;
  let runs = drawn;
  const slider = make("input", { type: "range", min: 0, step: 1, value: 0 });
  const said = make("output"), go = make("button", { type: "button" }, "Go to its row");
  const name = make("span", { className: "unseen", textContent: ` of ${one("figcaption .name", figure).textContent}` });
  const finder = make("div", { className: "finder live" }, make("label", {}, "Run", name, slider), make("p", {}, said, go));

  const show = (i) => {
    slider.value = i;
    pick(runs[i].mark);
    said.textContent = describe(rowOf(runs[i].mark));
    slider.setAttribute("aria-valuetext", said.textContent);
    go.disabled = false;
  };
  const reset = () => {
    runs = drawn.filter(({ group }) => !group.closest(".off"));
    slider.max = Math.max(runs.length - 1, 0);
    slider.disabled = go.disabled = !runs.length;
    said.textContent = runs.length ? `${runs.length} runs: point at one, or move the slider.` : "No setting is shown.";
    slider.setAttribute("aria-valuetext", said.textContent);
    go.disabled = true;
  };
  const nearest = (event) => {
    const to = svg.getScreenCTM(), { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(to.inverse());
    let best = -1, least = (REACH / to.a) ** 2;
    runs.forEach(({ points }, i) => {
      const far = distance(x, y, points);
      if (far < least) [best, least] = [i, far];
    });
    return best;
  };
  const goToPicked = () => goTo(rowOf(runs[slider.valueAsNumber].mark), slider);

  one(":scope > .finder", figure)?.remove(); // a saved page has one that does nothing
  one("figcaption", figure).before(finder);
  slider.addEventListener("input", () => show(slider.valueAsNumber));
  go.addEventListener("click", goToPicked);
  svg.addEventListener("pointermove", (event) => {
    const i = nearest(event);
    if (i >= 0 && runs[i].mark !== picked) show(i);
  });
  svg.addEventListener("click", (event) => {
    const i = nearest(event);
    if (i < 0) return;
    show(i);
    goToPicked();
  });
  changed.push(reset);
  reset();
}

for (const element of all(".picked")) element.classList.remove("picked");
for (const figure of all("figure.figure")) findRuns(figure);
for (const fieldset of all(".settings")) switchSettings(fieldset);
