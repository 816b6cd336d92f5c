// Shows the controls, which are hidden without scripts; sets the theme, and folds the code.
// A page that the browser saved holds what its scripts made of it. So each script sets everything
// that it changes when it starts, and takes nothing for granted: what it adds replaces what is there.
document.documentElement.classList.add("scripted");
for (const element of all(".live[hidden]")) element.hidden = false;

// HTML drops a line end right after <pre>, and a saved page has only the one that is text.
for (const block of all("pre")) {
  if (block.firstChild?.nodeValue?.startsWith("\n")) block.prepend(new Comment());
}

// The theme is kept for all reports. A browser may refuse that to a page opened from a disk.
function keep(theme) {
  try {
    if (theme) localStorage.setItem("rnn-report-theme", theme);
    return localStorage.getItem("rnn-report-theme");
  } catch {
    return null;
  }
}

function setTheme(choices) {
  const page = document.documentElement.dataset, known = choices.map((choice) => choice.value);
  const kept = keep();
  if (known.includes(kept)) page.theme = kept;
  for (const choice of choices) {
    choice.checked = choice.value === (page.theme ?? "system");
    choice.addEventListener("change", () => {
      page.theme = choice.value;
      keep(choice.value);
    });
  }
}
setTheme(all("[name=theme]"));

function foldAll(button, blocks) {
  const folded = () => blocks.some((block) => !block.open);
  const label = () => { button.textContent = folded() ? "Unfold all code" : "Fold all code"; };

  button.addEventListener("click", () => {
    const open = folded();
    for (const block of blocks) block.open = open;
    label();
  });
  label();
}
foldAll(one("#fold-code"), all("details.code"));
