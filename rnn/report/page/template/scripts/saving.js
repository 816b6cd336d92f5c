// Saving files and copying text. What was done is said at the foot of the window.
const said = one("#said");
let saidUntil = null;

function announce(words) {
  clearTimeout(saidUntil);
  said.textContent = words;
  if (words) saidUntil = setTimeout(announce, 4000, "");
}
announce("");

// The text of an element. A character that HTML can't carry stands there as its code point.
function textOf(element) {
  const copied = element.cloneNode(true);
  for (const odd of all(".odd:not([data-sign])", copied)) {
    odd.textContent = String.fromCodePoint(parseInt(odd.textContent.slice(2), 16));
  }
  return copied.textContent;
}

function save(name, text, type = "text/plain") {
  const href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  make("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000); // a browser may ask for the place first
  announce(`Saved as ${name}.`);
}

async function copy(text, what) {
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    done = copyAsOfOld(text); // some browsers have no clipboard for pages opened from a disk
  }
  announce(done ? `Copied ${what}.` : "This browser does not let the page copy.");
}

function copyAsOfOld(text) {
  const focused = document.activeElement, area = make("textarea", { value: text, className: "unseen" });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus({ preventScroll: true });
  return done;
}
