// The contents stand beside the text; on a small screen they are a menu. They mark the section that
// is being read.
function followReader(contents) {
  const menu = one("details", contents), name = one(".here", contents), links = all("a", contents);
  const headings = links.map((link) => document.getElementById(link.hash.slice(1)));
  const wide = matchMedia("print, (min-width: 75rem)");
  let here = null;

  const arrange = () => { menu.open = wide.matches; };
  const close = () => {
    if (!wide.matches) menu.open = false;
  };

  const centre = (link) => {
    const top = link.offsetTop - contents.clientHeight / 2;
    contents.scrollTo({ top, behavior: still.matches ? "auto" : "smooth" });
  };

  const mark = (link) => {
    here = link;
    for (const each of links) each.removeAttribute("aria-current");
    here?.setAttribute("aria-current", "location");
    name.textContent = here ? here.textContent.trim().replace(/\s+/g, " ") : "";
    if (here && wide.matches) centre(here);
  };

  const follow = () => {
    const last = headings.findLastIndex((heading) => heading.getBoundingClientRect().top < 120);
    const link = links[last] ?? null;
    if (link !== here) mark(link);
  };

  wide.addEventListener("change", arrange);
  for (const link of links) link.addEventListener("click", close);
  // Whoever goes on reading has no more use for the menu.
  for (const event of ["pointerdown", "wheel"]) one("main").addEventListener(event, close, { passive: true });
  contents.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || wide.matches || !menu.open) return;
    close();
    one("summary", contents).focus();
  });
  addEventListener("beforeprint", () => { menu.open = true; });
  addEventListener("afterprint", arrange);
  addEventListener("scroll", () => requestAnimationFrame(follow), { passive: true });
  arrange();
  mark(null);
  follow();
}
followReader(one(".contents"));
