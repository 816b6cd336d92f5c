// Shows the controls, which are hidden without scripts; sets the theme, and folds the code.
// A page that the browser saved holds what its scripts made of it. So each script sets everything
// that it changes when it starts, and takes nothing for granted: what it adds replaces what is there.
document.documentElement.classList.add("scripted");
for (const element of all(".live[hidden]")) element.hidden = false;

// HTML drops a line end right after <pre>, and a saved page has only the one that is text.
for (const block of all("pre")) {
  if (block.firstChild?.nodeValue?.startsWith("\n")) block.prepend(new Comment());
}

const theme = document.documentElement.dataset.theme ?? "system";
for (const choice of all("[name=theme]")) {
  choice.checked = choice.value === theme;
  choice.addEventListener("change", () => { document.documentElement.dataset.theme = choice.value; });
}

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
