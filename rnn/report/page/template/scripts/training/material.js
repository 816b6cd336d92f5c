// The text to train on, and what is held out of it to judge by.
const LONGEST = 2_000_000; // characters
const MOST = 1000; // different characters

// The excerpt that excerpt.py puts into the page; null if there is none.
const excerpt = JSON.parse(document.getElementById("excerpt")?.textContent ?? "null");

// Returns the indices of what is trained on and of what is held out, and the vocabulary. The text is
// one's own or, without one, the excerpt, as the model `how` reads it. The vocabulary is the
// characters of one's own text, sorted, unless one is given: then characters that it lacks are left
// out, and `left` says which. Yields now and then.
function* material(own, T, how, vocabulary = null) {
  const text = asRead(own ?? excerpt.training, how);
  checkLength(text);
  const points = vocabulary ?? (yield* pointsOf(text));
  if (points.length > MOST) {
    throw new RangeError(`The text has ${points.length.toLocaleString("en")} different characters, more than ${MOST.toLocaleString("en")}.`);
  }
  const index = new Map(points.map((point, k) => [point, k]));
  const { indices, lacking } = yield* knownOf(text, index);
  const all = Int32Array.from(indices), left = leftOut(lacking);
  // A tenth of one's own text is held out.
  const end = own === null ? all.length : all.length - Math.floor(all.length / 10);
  const heldOut = own === null ? Int32Array.from((yield* knownOf(asRead(excerpt.held_out, how), index)).indices) : all.subarray(end);
  if (end < T + 1) {
    const few = `There are ${end.toLocaleString("en")} characters to train on, but a sequence of ${T} needs ${T + 1}.`;
    throw new RangeError(sentences(left, few));
  }
  return { text: all.subarray(0, end), heldOut, vocabulary: points, left };
}

function checkLength(text) {
  if (text.length > LONGEST) {
    throw new RangeError(`The text has ${text.length.toLocaleString("en")} characters, more than ${LONGEST.toLocaleString("en")}.`);
  }
}

// The different characters of a text, as sorted code points.
function* pointsOf(text) {
  const points = new Set();
  let count = 0;
  for (const character of text) {
    points.add(character.codePointAt(0));
    count += 1;
    if (count % 10_000 === 0) yield;
  }
  return [...points].sort((one, other) => one - other);
}
