// Buttons below captions and above code: they copy a link or the code, and save what is shown.

// Returns a button; the end of its name is for those who hear it without seeing where it is.
function action(name, about, act) {
  const button = make("button", { type: "button" }, name, make("span", { className: "unseen", textContent: ` ${about}` }));
  button.addEventListener("click", act);
  return button;
}

// A saved page has the buttons already, but they do nothing.
function putActions(place, buttons) {
  one(":scope > .actions", place)?.remove();
  const actions = make("p", { className: "actions live" }, ...buttons);
  if (place.matches("figcaption")) place.append(actions);
  else one("summary", place).after(actions);
}

// As in evolution.txt.
function samplesOf(figure) {
  return all(".samples li", figure).map((sample) => {
    const step = one(".step b", sample).textContent.replaceAll(",", "");
    const loss = Number(sample.dataset.loss).toFixed(4);
    return `=== step ${step}, smoothed loss ${loss} ===\n${textOf(one("pre", sample))}\n`;
  }).join("\n");
}

const copyLink = (id, name) => copy(`${location.href.replace(/#.*/, "")}#${id}`, `the link to ${name}`);

function actionsOf(figure) {
  const name = one("figcaption .name", figure).textContent, file = figure.id.replace(/^[a-z]+-/, "");
  const pre = one(":scope > pre", figure), svg = one(".scroll > svg, .drawing > svg", figure);
  const buttons = [action("Copy link", `to ${name}`, () => copyLink(figure.id, name))];
  const add = (label, about, act) => buttons.push(action(label, about, act));

  if (svg) add("Save SVG", `of ${name}`, () => save(`${file}.svg`, drawingFile(svg), "image/svg+xml"));
  if (figure.matches(".text")) add("Save text", `of ${name}`, () => save(`${file}.txt`, textOf(pre)));
  if (figure.matches(".evolution")) add("Save samples", `of ${name}`, () => save(`${file}.txt`, samplesOf(figure)));
  if (figure.matches(".source")) add("Copy code", `of ${name}`, () => copy(textOf(pre), name));
  if (history && figure === one("#part-2 ~ figure")) {
    add("Save history (CSV)", `of ${name}`, () => save("history.csv", JSON.parse(history.textContent), "text/csv"));
  }
  return buttons;
}

// Equations have no caption: the button stands at their right.
function putLink(equation) {
  const name = equation.id.replace("equation-", "equation ");
  if (equation.nextSibling?.className === "links live") equation.nextSibling.remove();
  const button = action("Copy link", `to ${name}`, () => copyLink(equation.id, name));
  equation.after(make("span", { className: "links live" }, button));
}

const history = document.getElementById("history");
for (const figure of all("figure:has(> figcaption .name)")) putActions(one("figcaption", figure), actionsOf(figure));
for (const equation of all("[id][aria-label=Equation]")) putLink(equation);
for (const block of all("details.code")) {
  const cell = block.id.replace("cell-", "cell "), pre = one("pre", block);
  putActions(block, [action("Copy code", `of ${cell}`, () => copy(textOf(pre), `the code of ${cell}`))]);
}
