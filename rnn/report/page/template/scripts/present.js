// One part of the report at a time, large, as on a projector. A part is a heading of the second level
// and what follows it up to the next.
function present(button, main) {
  const page = document.documentElement.classList;
  const name = make("output"), bar = make("nav", { className: "presenter live", ariaLabel: "Presentation" });
  const [before, after, leave] = ["Previous", "Next", "Leave"].map((label) => make("button", { type: "button" }, label));
  const parts = [];
  let current = null;

  for (const element of main.children) {
    if (element.matches("h2")) parts.push([]);
    if (!element.matches("#said")) parts.at(-1)?.push(element);
  }
  const partOf = (anchor) => {
    const target = targetOf(anchor);
    return target ? parts.findIndex((part) => part.some((element) => element.contains(target))) : -1;
  };
  // The part that is being read.
  const isAbove = ([heading]) => heading.getBoundingClientRect().top < innerHeight / 2;
  const here = () => Math.max(parts.findLastIndex(isAbove), 0);

  const show = (i) => {
    current = i;
    page.add("presenting");
    bar.hidden = false;
    parts.forEach((part, j) => {
      for (const element of part) element.classList.toggle("unshown", i !== j);
    });
    const heading = parts[i][0].textContent.trim().replace(/\s+/g, " ");
    name.textContent = `${heading} (${i + 1} of ${parts.length})`;
    before.disabled = i === 0;
    after.disabled = i === parts.length - 1;
  };
  const goTo = (i) => {
    if (!parts[i]) return;
    show(i);
    location.replace(`#${parts[i][0].id}`);
    scrollTo({ top: 0, behavior: "instant" });
  };
  const stop = () => {
    page.remove("presenting");
    bar.hidden = true;
    for (const element of all(".unshown", main)) element.classList.remove("unshown");
  };
  const end = () => {
    const [heading] = parts[current];
    stop();
    current = null;
    button.focus({ preventScroll: true });
    heading.scrollIntoView();
  };

  button.addEventListener("click", () => {
    goTo(here());
    leave.focus();
  });
  leave.addEventListener("click", end);
  before.addEventListener("click", () => goTo(current - 1));
  after.addEventListener("click", () => goTo(current + 1));
  addEventListener("hashchange", () => {
    const i = current === null ? -1 : partOf(location.hash);
    if (i < 0 || i === current) return;
    show(i);
    targetOf(location.hash).scrollIntoView();
  });
  document.addEventListener("keydown", (event) => {
    if (current === null || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") end();
    // Where the arrows have a meaning of their own, they keep it.
    if (event.target.closest("input, textarea, select, [tabindex]")) return;
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
  bar.append(before, name, after, leave);
  one("footer").before(bar);
  button.hidden = !parts.length;
}
present(one("#present"), one("main"));
