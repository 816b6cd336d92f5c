// The model that live.py puts into the page, or one that took its place; null if the page has none.
const model = readModel(document.getElementById("model"));
// As it came with the page.
const reported = model && { ...model };

function readModel(block) {
  if (!block) return null;
  const data = JSON.parse(block.textContent);
  data.weights = new Float32Array(decodeBase64(data.weights));
  data.states = new Float64Array(decodeBase64(data.states));
  return { ...data, ...derived(data), name: "the report’s network", off: [] };
}

// What follows from a model's data.
function derived(data) {
  return {
    characters: data.vocabulary.map((point) => String.fromCodePoint(point)),
    index: new Map(data.vocabulary.map((point, k) => [point, k])),
    ...network(data),
  };
}

// Lets another network take the model's place; `next` has what differs from the report's, its name for
// one. Those who show the model hear of it by the event "model".
function adopt(next) {
  Object.assign(model, reported, next);
  Object.assign(model, derived(model));
  model.passage = known(reported.passage);
  document.dispatchEvent(new Event("model"));
}

// The passage in the indices of the model; empty if the model lacks one of its characters.
function known({ prime, text }) {
  const translated = (indices) => indices.map((k) => model.index.get(reported.vocabulary[k]));
  const passage = { prime: translated(prime), text: translated(text) };
  return [...passage.prime, ...passage.text].includes(undefined) ? { prime: [], text: [] } : passage;
}

function decodeBase64(text) {
  const bytes = atob(text), array = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) array[i] = bytes.charCodeAt(i);
  return array.buffer;
}

// Turns text into indices. Throws an error that names the characters that the network doesn't know.
const encode = (text) => atOnce(indicesOf(asRead(text), model.index));

// A text as a model reads it.
function asRead(text, { lowercase, unicodeForm } = model) {
  if (lowercase) text = text.toLowerCase();
  return unicodeForm ? text.normalize(unicodeForm) : text;
}

// Yields now and then, since a long text takes longer than a frame may.
function* indicesOf(text, index) {
  const { indices, lacking } = yield* knownOf(text, index, {});
  if (lacking.size) throw new RangeError(`The network does not know ${namesOf(lacking)}: only characters that it was trained with can be used.`);
  return indices;
}

// What is typed plainly instead of it, where the network does not know a character of pasted text.
const PLAIN = {
  "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
  "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-", "…": "...", "\u00a0": " ", "\u202f": " ", "\t": " ",
};

// Returns the indices of the characters that the network knows, and how often each other one occurs.
function* knownOf(text, index, plain = PLAIN) {
  const indices = [], lacking = new Map();
  let count = 0;
  for (const character of text) {
    const point = character.codePointAt(0), k = index.get(point);
    if (k !== undefined) indices.push(k);
    else {
      const instead = Array.from(plain[character] ?? "", (one) => index.get(one.codePointAt(0)));
      if (instead.length && !instead.includes(undefined)) indices.push(...instead);
      else lacking.set(point, (lacking.get(point) ?? 0) + 1);
    }
    count += 1;
    if (count % 10_000 === 0) yield;
  }
  return { indices, lacking };
}

function namesOf(lacking) {
  const points = [...lacking.keys()].sort((a, b) => a - b);
  return `${points.slice(0, 5).map(codePointName).join(", ")}${points.length > 5 ? " …" : ""}`;
}

// Says which characters of a text are left out; nothing if there are none.
function leftOut(lacking) {
  const count = [...lacking.values()].reduce((sum, times) => sum + times, 0);
  if (!count) return "";
  const [characters, are] = count === 1 ? ["character", "is"] : ["characters", "are"];
  return `${count.toLocaleString("en")} ${characters} that the network does not know ${are} left out: ${namesOf(lacking)}.`;
}

const codePointOf = (point) => `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;

// An invisible character is named by its code point alone.
function codePointName(point) {
  const code = codePointOf(point);
  const character = String.fromCodePoint(point);
  return /[\p{C}\p{Z}]/u.test(character) ? code : `“${character}” (${code})`;
}

// The signs of invisible characters, as in rnn/exhibits/characters.py.
function signsOf(vocabulary) {
  return Object.fromEntries(vocabulary.flatMap((point, k) => {
    const character = String.fromCodePoint(point);
    if (" \n".includes(character) || !/[\p{C}\p{Z}]/u.test(character)) return [];
    return [[k, character === "\t" ? "⇥" : codePointOf(point)]];
  }));
}

// The state from which the next character is predicted. It follows the prime text, read from a zero
// state; without one, it follows the book's first character, read from the state saved in training.
function begin(prime) {
  if (!prime.length) return model.step(model.first, model.states);
  return prime.reduce((state, x) => model.step(x, state), model.zero());
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
