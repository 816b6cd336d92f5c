// Shows the controls, which are hidden without scripts; sets the theme, and folds the code.
document.documentElement.classList.add("scripted");
for (const element of all(".live[hidden]")) element.hidden = false;

for (const choice of all("[name=theme]")) {
  choice.addEventListener("change", () => { document.documentElement.dataset.theme = choice.value; });
}

function foldAll(button, blocks) {
  button.addEventListener("click", () => {
    const open = !blocks.every((block) => block.open);
    button.textContent = open ? "Fold all code" : "Unfold all code";
    for (const block of blocks) block.open = open;
  });
}
foldAll(one("#fold-code"), all("details.code"));
