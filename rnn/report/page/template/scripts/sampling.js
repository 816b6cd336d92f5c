// Random numbers, and the choice of a character: for the same seed the same as in Python.

// rnn/numerics/generator.py: sfc32, four words of 32 bits.
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

// rnn/sampling.py: temperature, then top-p. Returns new probabilities.
function adjust(P, temperature, topP) {
  if (temperature !== 1) {
    const largest = P.reduce((most, p) => Math.max(most, p), 0);
    P = normalised(P.map((p) => Math.exp(Math.log(p / largest) / temperature)));
  }
  if (topP < 1) {
    const kept = new Float64Array(P.length);
    let total = 0;
    for (const k of likeliest(P)) {
      if (total >= topP) break;
      total += kept[k] = P[k];
    }
    P = normalised(kept);
  }
  return P;
}

function normalised(P) {
  const total = P.reduce((sum, p) => sum + p, 0);
  return P.map((p) => p / total);
}

// All indices, the likeliest first.
const likeliest = (P) => Array.from(P.keys()).sort((i, j) => P[j] - P[i]);

// The likeliest, so many; one of them is always among them.
function likeliestWith(P, count, k) {
  const likely = likeliest(P).slice(0, count);
  if (!likely.includes(k)) likely[count - 1] = k;
  return likely;
}

// The first index at which the running sum exceeds a number in [0, 1).
function draw(P, number) {
  let total = 0, last = 0;
  for (let k = 0; k < P.length; k++) {
    if (P[k] <= 0) continue;
    total += P[k];
    last = k;
    if (number < total) return k;
  }
  return last; // the sum, rounded, may fall short of 1
}
