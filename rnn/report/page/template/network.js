"use strict";
// The network that the page carries, as rnn/*.py has it: numbers are float64, the weights are
// rounded to float32. In the browser's console: compose({ prime: "once", length: 200, seed: 1 }).

// rnn/generator.py: sfc32, four words of 32 bits.
function generator(seed, stream) {
  const state = Uint32Array.of(seed % 4294967296, Math.floor(seed / 4294967296), stream, 1);
  for (let i = 0; i < 15; i++) uniform(state);
  return state;
}

function uniform(state) {
  const [a, b, c, counter] = state;
  const result = (a + b + counter) >>> 0;
  state[0] = b ^ (b >>> 9);
  state[1] = c + (c << 3);
  state[2] = ((c << 21) | (c >>> 11)) + result;
  state[3] = counter + 1;
  return result / 4294967296;
}

// The parameters lie one after another: U by columns, then W and V by rows, b and c.
function network({ cell, hiddenSize: m, vocabulary: { length: K }, weights }) {
  const rows = m * { rnn: 1, gru: 3, lstm: 4 }[cell];
  let end = 0;
  const [U, W, V, b, c] = [K * rows, rows * m, K * m, rows, K].map((n) => weights.subarray(end, (end += n)));

  const dot = (matrix, row, h) => {
    let sum = 0;
    for (let j = 0, at = row * m; j < m; j++) sum += matrix[at + j] * h[j];
    return sum;
  };
  const logistic = (a) => (1 + Math.tanh(a / 2)) / 2;

  // Each takes the state before the character x to the state after it.
  const steps = {
    rnn(x, h) {
      return h.map((_, j) => Math.tanh(dot(W, j, h) + U[x * rows + j] + b[j]));
    },
    gru(x, h) {
      const into = (j) => U[x * rows + j] + b[j];
      return h.map((before, j) => {
        const r = logistic(dot(W, j, h) + into(j));
        const z = logistic(dot(W, m + j, h) + into(m + j));
        const n = Math.tanh(r * dot(W, 2 * m + j, h) + into(2 * m + j));
        return n + z * (before - n);
      });
    },
    lstm(x, state) { // h, then the memory q
      const after = new Float64Array(2 * m);
      const into = (j) => dot(W, j, state) + U[x * rows + j] + b[j];
      for (let j = 0; j < m; j++) {
        const [i, f, n, o] = [logistic(into(j)), logistic(into(m + j)), Math.tanh(into(2 * m + j)), logistic(into(3 * m + j))];
        after[m + j] = f * state[m + j] + i * n;
        after[j] = o * Math.tanh(after[m + j]);
      }
      return after;
    },
  };

  // The probabilities of the next character: softmax(V h + c).
  function predict(state) {
    const P = new Float64Array(K);
    let largest = -Infinity, total = 0;
    for (let k = 0; k < K; k++) largest = Math.max(largest, (P[k] = dot(V, k, state) + c[k]));
    for (let k = 0; k < K; k++) total += P[k] = Math.exp(P[k] - largest);
    const scale = 1 / total;
    return P.map((p) => p * scale);
  }

  const zero = () => new Float64Array(cell === "lstm" ? 2 * m : m);
  return { step: steps[cell], predict, zero };
}

// rnn/sampling.py: temperature, then top-p; returns new probabilities.
function reshape(P, temperature, topP) {
  const whole = (Q) => {
    const total = Q.reduce((sum, q) => sum + q, 0);
    return Q.map((q) => q / total);
  };
  if (temperature !== 1) {
    const largest = Math.max(...P);
    P = whole(P.map((p) => Math.exp(Math.log(p / largest) / temperature)));
  }
  if (topP < 1) {
    const kept = new Float64Array(P.length);
    let total = 0;
    for (const k of likeliest(P)) {
      if (total >= topP) break;
      total += kept[k] = P[k];
    }
    P = whole(kept);
  }
  return P;
}

// All indices, the likeliest first.
const likeliest = (P) => Array.from(P.keys()).sort((i, j) => P[j] - P[i]);

function draw(P, number) {
  let total = 0, last = 0;
  for (let k = 0; k < P.length; k++) {
    if (P[k] <= 0) continue;
    total += P[k];
    last = k;
    if (number < total) return k;
  }
  return last;
}

function decodeBase64(text) {
  const bytes = atob(text), array = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) array[i] = bytes.charCodeAt(i);
  return array.buffer;
}

// What html.py embeds, or null if the page carries no model.
const model = (() => {
  const block = document.getElementById("model");
  if (!block) return null;
  const data = JSON.parse(block.textContent);
  data.weights = new Float32Array(decodeBase64(data.weights));
  data.states = new Float64Array(decodeBase64(data.states));
  data.characters = data.vocabulary.map((point) => String.fromCodePoint(point));
  data.index = new Map(data.vocabulary.map((point, k) => [point, k]));
  return { ...data, ...network(data) };
})();

// Text to indices; what the book lacks is an error that names it.
function encode(text) {
  if (model.lowercase) text = text.toLowerCase();
  if (model.unicodeForm) text = text.normalize(model.unicodeForm);
  const points = Array.from(text, (c) => c.codePointAt(0));
  const strange = [...new Set(points.filter((point) => !model.index.has(point)))].sort((a, b) => a - b);
  if (strange.length) {
    const names = strange.slice(0, 5).map((point) => {
      const code = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
      const character = String.fromCodePoint(point);
      return /[\p{C}\p{Z}]/u.test(character) ? code : `“${character}” (${code})`;
    });
    throw new RangeError(`The book has no ${names.join(", ")}${strange.length > 5 ? " …" : ""}: only its own characters can be used.`);
  }
  return points.map((point) => model.index.get(point));
}

// The state in which the next character is to be predicted: after the prime text, read from zero;
// or, without one, after the book's first character, read in the state that training ended in.
function begin(prime) {
  if (!prime.length) return model.step(model.first, model.states);
  return prime.reduce((state, x) => model.step(x, state), model.zero());
}

// rnn.sampling.compose: the same text for the same seed.
function compose({ length, prime = "", temperature = 1, topP = 1, seed = 0 }) {
  const random = generator(seed, model.stream);
  let state = begin(encode(prime)), text = "";
  for (let i = 0; i < length; i++) {
    const k = draw(reshape(model.predict(state), temperature, topP), uniform(random));
    text += model.characters[k];
    state = model.step(k, state);
  }
  return text;
}
