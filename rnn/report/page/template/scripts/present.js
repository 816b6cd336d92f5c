// One stop at a time, large, as on a projector. A stop is a part or a chapter, with what follows its
// heading up to the next one; a section with controls is a stop of its own, below the heading of its part.
const REMOTE = { PageDown: 1, PageUp: -1 }; // the keys that a remote control sends

function present(button, main) {
  const page = document.documentElement;
  const name = make("output"), bar = make("nav", { className: "presenter live", ariaLabel: "Presentation" });
  const [before, after, fill, leave] = ["Previous", "Next", "Full screen", "Leave"].map((label) =>
    make("button", { type: "button" }, label));
  const stops = [];
  let current = null, part = null;

  for (const element of main.children) {
    if (element.matches("h2")) stops.push((part = [element]));
    else if (element.matches("section.live")) stops.push([element, ...(part?.slice(0, 1) ?? [])]);
    else if (!element.matches("#said")) part?.push(element);
  }
  const headings = stops.map(([first]) => (first.matches("h2") ? first : one("h3", first)));
  const stopOf = (target) => stops.findIndex((stop) => stop.some((element) => element.contains(target)));
  // The stop that is being read, and the heading in it.
  const isAbove = (element) => element.getClientRects().length && element.getBoundingClientRect().top < innerHeight / 2;
  const here = () => [...main.children].filter(isAbove).map(stopOf).findLast((i) => i >= 0) ?? 0;
  const headingIn = (stop) => stop.findLast((element) => element.matches("h3, h4") && isAbove(element));

  const show = (i) => {
    const focused = document.activeElement;
    current = i;
    page.classList.add("presenting");
    bar.hidden = false;
    for (const element of stops.flat()) element.classList.toggle("unshown", !stops[i].includes(element));
    name.textContent = `${headings[i].textContent.trim().replace(/\s+/g, " ")} (${i + 1} of ${stops.length})`;
    before.disabled = i === 0;
    after.disabled = i === stops.length - 1;
    if (focused.disabled) (i ? before : after).focus(); // a disabled button loses the focus
  };
  const goTo = (i) => {
    if (!stops[i]) return;
    show(i);
    location.replace(`#${stops[i][0].id}`);
    scrollTo({ top: 0, behavior: "instant" });
  };
  const stop = () => {
    page.classList.remove("presenting");
    bar.hidden = true;
    for (const element of all(".unshown", main)) element.classList.remove("unshown");
  };
  const end = () => {
    const [first] = stops[current];
    stop();
    current = null;
    if (document.fullscreenElement) document.exitFullscreen();
    button.focus({ preventScroll: true });
    first.scrollIntoView();
  };
  const fillScreen = () => {
    const filled = document.fullscreenElement ? document.exitFullscreen() : page.requestFullscreen();
    filled.catch(() => announce("This browser does not let the page fill the screen."));
  };
  // Where the reader can scroll no further, the keys go on to the next stop, or back to the end of the
  // one before.
  const turn = (event) => {
    const step = REMOTE[event.key], down = scrollY + innerHeight < page.scrollHeight - 2;
    if (step > 0 ? down : scrollY > 2) return;
    event.preventDefault();
    goTo(current + step);
    if (step < 0) scrollTo({ top: page.scrollHeight, behavior: "instant" });
  };

  button.addEventListener("click", () => {
    const i = here(), heading = headingIn(stops[i]);
    goTo(i);
    heading?.scrollIntoView();
    (after.disabled ? before : after).focus({ preventScroll: true });
  });
  leave.addEventListener("click", end);
  fill.addEventListener("click", fillScreen);
  before.addEventListener("click", () => goTo(current - 1));
  after.addEventListener("click", () => goTo(current + 1));
  addEventListener("hashchange", () => {
    const target = targetOf(location.hash), i = current === null || !target ? -1 : stopOf(target);
    if (i < 0 || i === current) return;
    show(i);
    target.scrollIntoView();
  });
  document.addEventListener("keydown", (event) => {
    if (current === null || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return end();
    // Where keys have a meaning of their own, they keep it.
    if (event.target.closest("input, textarea, select")) return;
    if (event.key.toLowerCase() === "f" && !fill.hidden) fillScreen();
    if (REMOTE[event.key]) turn(event);
    if (event.target.closest("[tabindex]")) return;
    if (event.key === "ArrowLeft") goTo(current - 1);
    if (event.key === "ArrowRight") goTo(current + 1);
  });
  // What is printed is the whole report.
  addEventListener("beforeprint", stop);
  addEventListener("afterprint", () => {
    if (current !== null) show(current);
  });

  for (const old of all(".presenter")) old.remove(); // of a saved page
  stop();
  bar.append(before, name, after, fill, leave);
  one("footer").before(bar);
  button.hidden = !stops.length;
  fill.hidden = !document.fullscreenEnabled;
}
present(one("#present"), one("main"));
