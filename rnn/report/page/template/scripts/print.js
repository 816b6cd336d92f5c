// Before printing, what is wider than the paper is set smaller: formulas, which a browser can't break,
// and tables, whose words it would break.
const PAPER = 42; // em of text that a line of A4 or Letter holds, in the print of style.css
const LINE = 50; // the same, in rem
const SMALLEST = 0.6; // of a table; then its words break, too

function setForPaper() {
  for (const formula of all(".scroll > math")) {
    const size = parseFloat(getComputedStyle(formula).fontSize);
    const width = formula.parentElement.scrollWidth / size;
    formula.style.setProperty("--fit", Math.min(1, PAPER / width));
  }
}

// The width of a table with a word on each line.
function widthOfWords(table) {
  table.style.width = "min-content";
  const { width } = table.getBoundingClientRect();
  table.style.width = "";
  return width;
}

function setTablesForPaper() {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  for (const table of all("main table")) {
    const { parentElement: around } = table, outer = table.closest("main > *");
    const inset = (outer.clientWidth - around.clientWidth) / rem;
    table.classList.add("fitted");
    table.style.setProperty("--fit", 1);
    const fit = (LINE - inset) / all("table", around).length / (widthOfWords(table) / rem);
    table.classList.toggle("fitted", fit >= SMALLEST);
    table.style.setProperty("--fit", Math.min(1, Math.max(fit, SMALLEST)));
  }
}

function setForScreen() {
  for (const table of all("table.fitted")) table.classList.remove("fitted");
}

addEventListener("beforeprint", setForPaper);
addEventListener("beforeprint", setTablesForPaper);
addEventListener("afterprint", setForScreen);
