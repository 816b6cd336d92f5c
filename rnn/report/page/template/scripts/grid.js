// The hidden units as buttons in a grid, of which one at a time is in the order of Tab and the arrows
// lead to the others. The colours are those of units.js. Pressing one calls `toggle` with its number.
// Returns a function that shows the units' values, and one that shows which are pressed.
function putGrid(parent, m, toggle) {
  const button = (_, j) => make("button", { type: "button", tabIndex: j ? -1 : 0, value: j });
  const buttons = Array.from({ length: m }, button);
  const columns = () => buttons.filter((button) => button.offsetTop === buttons[0].offsetTop).length;
  const goTo = (j) => {
    const to = buttons[Math.min(Math.max(j, 0), m - 1)];
    for (const button of buttons) button.tabIndex = button === to ? 0 : -1;
    to.focus();
  };
  const steps = {
    ArrowLeft: (j) => j - 1,
    ArrowRight: (j) => j + 1,
    ArrowUp: (j) => j - columns(),
    ArrowDown: (j) => j + columns(),
    Home: () => 0,
    End: () => m - 1,
  };

  parent.replaceChildren(...buttons);
  putScale(parent, 1);
  parent.onclick = (event) => {
    const button = event.target.closest("button");
    if (button) toggle(Number(button.value));
  };
  parent.onkeydown = (event) => {
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    goTo(step(Number(event.target.value)));
  };
  const show = (h) => buttons.forEach((button, j) => {
    button.style.setProperty("--strength", `${Math.round(100 * Math.min(Math.abs(h[j]), 1))}%`);
    button.classList.toggle("below", h[j] < 0);
    button.title = `unit ${j}, at ${decimal(h[j], 2)}`;
    button.setAttribute("aria-label", `unit ${j}`);
  });
  const press = (off) => buttons.forEach((button, j) => button.setAttribute("aria-pressed", off.has(j)));
  return { show, press };
}
