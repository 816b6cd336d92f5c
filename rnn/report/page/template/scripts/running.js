// Says which network the page runs, where it can be seen at work; beside the passage only if it isn’t
// the one that wrote it.
const listOf = (numbers) => (numbers.length > 3 ? units(numbers.length) : `unit${numbers.length > 1 ? "s" : ""} ${numbers.join(", ")}`);
const units = (count) => `${count.toLocaleString("en")} unit${count === 1 ? "" : "s"}`;

function sayWhatRuns(place) {
  const { name, off, passage } = model, lacks = reported.passage.text.length && !passage.text.length;
  const without = off.length ? `, without ${listOf(off)}` : "";
  place.hidden = place.matches(".reader *") && model.weights === reported.weights && !off.length;
  place.textContent = `The page runs ${name}${without}.${lacks ? " It doesn’t know all characters of the passage, so the panel beside the passage is left out." : ""}`;
}
for (const place of all(".runs")) {
  document.addEventListener("model", () => sayWhatRuns(place));
  sayWhatRuns(place);
}
