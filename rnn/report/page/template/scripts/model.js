// The model that live.py puts into the page; null if the page has none.
const model = readModel(document.getElementById("model"));

function readModel(block) {
  if (!block) return null;
  const data = JSON.parse(block.textContent);
  data.weights = new Float32Array(decodeBase64(data.weights));
  data.states = new Float64Array(decodeBase64(data.states));
  data.characters = data.vocabulary.map((point) => String.fromCodePoint(point));
  data.index = new Map(data.vocabulary.map((point, k) => [point, k]));
  return { ...data, ...network(data) };
}

function decodeBase64(text) {
  const bytes = atob(text), array = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) array[i] = bytes.charCodeAt(i);
  return array.buffer;
}

// Turns text into indices. Throws an error that names the characters that the book lacks.
function encode(text) {
  if (model.lowercase) text = text.toLowerCase();
  if (model.unicodeForm) text = text.normalize(model.unicodeForm);
  const points = Array.from(text, (c) => c.codePointAt(0));
  const lacking = new Set(points.filter((point) => !model.index.has(point)));
  if (lacking.size) throw new RangeError(refusal([...lacking].sort((a, b) => a - b)));
  return points.map((point) => model.index.get(point));
}

function refusal(points) {
  const names = points.slice(0, 5).map(codePointName).join(", ");
  return `The book has no ${names}${points.length > 5 ? " …" : ""}: only its own characters can be used.`;
}

// An invisible character is named by its code point alone.
function codePointName(point) {
  const code = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  const character = String.fromCodePoint(point);
  return /[\p{C}\p{Z}]/u.test(character) ? code : `“${character}” (${code})`;
}

// The state from which the next character is predicted. It follows the prime text, read from a zero
// state; without one, it follows the book's first character, read from the state saved in training.
function begin(prime, { step, zero } = model) {
  if (!prime.length) return step(model.first, model.states);
  return prime.reduce((state, x) => step(x, state), zero());
}

// As rnn.sampling.compose: the same seed gives the same text.
function compose({ length, prime = "", temperature = 1, topP = 1, seed = 0 }) {
  const random = generator(seed, model.stream);
  let state = begin(encode(prime)), text = "";
  for (let i = 0; i < length; i++) {
    const k = draw(adjust(model.predict(state), temperature, topP), uniform(random));
    text += model.characters[k];
    state = model.step(k, state);
  }
  return text;
}

// For the browser's console, as in compose({ prime: "once", length: 200, seed: 1 }). Nothing else
// in the page's script is global.
if (model) Object.assign(globalThis, { model, encode, begin, compose });
