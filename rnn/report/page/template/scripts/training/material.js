// The text to train on, and what is held out of it to judge by.
const LONGEST = 2_000_000; // characters
const MOST = 1000; // different characters

// The excerpt that excerpt.py puts into the page; null if there is none.
const excerpt = JSON.parse(document.getElementById("excerpt")?.textContent ?? "null");

// Returns the indices of what is trained on and of what is held out, and the vocabulary. With a text
// of one's own, the vocabulary is its characters, sorted, unless it must be the model's.
function material(own, T, vocabulary = null) {
  const text = own === null ? excerpt.training : asRead(own.replace(/\r\n?/g, "\n"));
  if (text.length > LONGEST) {
    throw new RangeError(`The text has ${text.length.toLocaleString("en")} characters, more than ${LONGEST.toLocaleString("en")}.`);
  }
  const points = vocabulary ?? [...new Set(Array.from(text, (c) => c.codePointAt(0)))].sort((a, b) => a - b);
  if (points.length > MOST) {
    throw new RangeError(`The text has ${points.length.toLocaleString("en")} different characters, more than ${MOST.toLocaleString("en")}.`);
  }
  const index = new Map(points.map((point, k) => [point, k]));
  const all = Int32Array.from(indicesOf(text, index));
  // A tenth of one's own text is held out.
  const end = own === null ? all.length : all.length - Math.floor(all.length / 10);
  const heldOut = own === null ? Int32Array.from(indicesOf(excerpt.held_out, index)) : all.subarray(end);
  if (end < T + 1) {
    throw new RangeError(`There are ${end.toLocaleString("en")} characters to train on, but a sequence of ${T} needs ${T + 1}.`);
  }
  return { text: all.subarray(0, end), heldOut, vocabulary: points };
}
