// Before printing, formulas wider than the paper are set smaller: a browser can't break them.
const PAPER = 42; // em of text that a line of A4 or Letter holds, in the print of style.css

function setForPaper() {
  for (const formula of all(".scroll > math")) {
    const size = parseFloat(getComputedStyle(formula).fontSize);
    const width = formula.parentElement.scrollWidth / size;
    formula.style.setProperty("--fit", Math.min(1, PAPER / width));
  }
}
addEventListener("beforeprint", setForPaper);
