// What a link within the page leads to is shown where the link is, on hover and on focus: an exhibit,
// an equation, or an entry of the references. Esc closes it, and it stays while the pointer is on it.
const SHOWN_SOON = 200, CLOSED_SOON = 300; // milliseconds, in which the pointer can get there
const MARGIN = 16; // pixels to the edge of the window, at least
const PREVIEWED = "figure, [aria-label=Equation], .references > li";
const CONTROLS = ".live, .actions, button, input, figcaption .unseen";

// A copy that nothing in the page can be mistaken for, and in which nothing can be pressed.
function copyOf(target) {
  const copied = target.cloneNode(true);
  for (const control of all(CONTROLS, copied)) control.remove();
  for (const element of [copied, ...all("*", copied)]) {
    for (const name of ["id", "tabindex", "role", "aria-label", "aria-labelledby"]) element.removeAttribute(name);
  }
  return make("div", { inert: true }, copied);
}

function previewLinks(main) {
  const box = make("div", { className: "preview live", hidden: true });
  let link = null, timer = null;

  const close = () => {
    clearTimeout(timer);
    link = null;
    box.hidden = true;
    box.replaceChildren();
  };
  const show = (from, target) => {
    clearTimeout(timer);
    if (link === from) return;
    link = from;
    box.replaceChildren(copyOf(target));
    box.hidden = false;
    const at = from.getClientRects()[0], above = at.top, below = innerHeight - at.bottom;
    box.style.maxHeight = `${Math.max(above, below) - MARGIN}px`;
    const { width, height } = box.getBoundingClientRect();
    const left = Math.max(Math.min(at.left, document.documentElement.clientWidth - width - MARGIN), MARGIN);
    box.style.left = `${left + scrollX}px`;
    box.style.top = `${(below >= above ? at.bottom : at.top - height) + scrollY}px`;
  };
  const soon = (act, time) => {
    clearTimeout(timer);
    timer = setTimeout(act, time);
  };
  const previewedBy = (from) => {
    const target = from && targetOf(from.hash);
    return target?.matches(PREVIEWED) && !target.contains(from) ? target : null;
  };
  const linkAt = (event) => event.target.closest("a[href^='#']");

  main.addEventListener("pointerover", (event) => {
    const from = linkAt(event), target = previewedBy(from);
    if (target && event.pointerType !== "touch") soon(() => show(from, target), SHOWN_SOON);
  });
  main.addEventListener("pointerout", (event) => {
    if (linkAt(event)) soon(close, CLOSED_SOON);
  });
  main.addEventListener("focusin", (event) => {
    const from = linkAt(event), target = previewedBy(from);
    if (target && from.matches(":focus-visible")) show(from, target);
  });
  main.addEventListener("focusout", close);
  main.addEventListener("click", close);
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => soon(close, CLOSED_SOON));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || box.hidden) return;
    event.stopImmediatePropagation(); // it closes nothing else
    close();
  });

  for (const old of all(".preview")) old.remove(); // of a saved page
  one("footer").before(box);
}
previewLinks(one("main"));
