// The normal numbers of NumPy's default_rng, to which the seed of the initial weights goes: the seed
// is spread by SeedSequence (O'Neill's seed_seq_fe), PCG64 gives 64 bits at a time, and the ziggurat
// of Marsaglia and Tsang makes normal numbers of these.

// Returns as many words of 32 bits as asked for, from some seeds below 2^32.
function seedWords(seeds, count) {
  let constant = 0x43b0d7e5;
  const hash = (value) => {
    value = (value ^ constant) >>> 0;
    constant = Math.imul(constant, 0x931e8875);
    value = Math.imul(value, constant);
    return (value ^ (value >>> 16)) >>> 0;
  };
  const mix = (x, y) => {
    const mixed = (Math.imul(x, 0xca01f9dd) - Math.imul(y, 0x4973f715)) >>> 0;
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
  const pool = [0, 1, 2, 3].map((i) => hash(seeds[i] ?? 0));
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) if (i !== j) pool[j] = mix(pool[j], hash(pool[i]));
  }
  let last = 0x8b51f9dd;
  return Uint32Array.from({ length: count }, (_, i) => {
    let value = pool[i % 4] ^ last;
    last = Math.imul(last, 0x58f38ded);
    value = Math.imul(value, last);
    return value ^ (value >>> 16);
  });
}

// Numbers of 128 bits are eight limbs of 16 bits, the lowest first.
const MULTIPLIER = [0xf645, 0x9fcc, 0xdf64, 0x4385, 0x5da4, 0x1fc6, 0xed05, 0x2360];

// PCG64: returns a function that gives the next 64 bits as [high, low], each of 32 bits.
function pcg64(seeds) {
  const words = seedWords(seeds, 8);
  // NumPy's words are of 64 bits, the lower half first; those of a number, the upper first.
  const limbs = (first) => [first + 2, first + 3, first, first + 1].flatMap((i) => [words[i] & 0xffff, words[i] >>> 16]);
  const increment = limbs(4), state = new Float64Array(8), next = new Float64Array(8);
  for (let i = 7; i >= 0; i--) increment[i] = ((increment[i] << 1) | (i ? increment[i - 1] >>> 15 : 1)) & 0xffff;

  const add = (other) => {
    let carry = 0;
    for (let i = 0; i < 8; i++) {
      const sum = state[i] + other[i] + carry;
      carry = sum > 0xffff ? 1 : 0;
      state[i] = sum - carry * 0x10000;
    }
  };
  const advance = () => {
    let carry = 0;
    for (let i = 0; i < 8; i++) {
      let sum = carry;
      for (let j = 0; j <= i; j++) sum += state[j] * MULTIPLIER[i - j];
      carry = Math.floor(sum / 0x10000);
      next[i] = sum - carry * 0x10000;
    }
    state.set(next);
    add(increment);
  };
  advance();
  add(limbs(0));
  advance();

  return () => {
    advance();
    const word = (i) => (state[i] + state[i + 1] * 0x10000) | 0;
    const low = word(0) ^ word(4), high = word(2) ^ word(6), by = state[7] >>> 10;
    const [a, b] = by < 32 ? [high, low] : [low, high], turn = by & 31; // a rotation to the right
    if (!turn) return [a >>> 0, b >>> 0];
    return [((a >>> turn) | (b << (32 - turn))) >>> 0, ((b >>> turn) | (a << (32 - turn))) >>> 0];
  };
}

// The ziggurat: 256 layers of the same area under exp(-x²/2); the lowest has the tail beyond EDGE.
const EDGE = 3.6541528853610088, AREA = 0.004928673233974658, BITS = 2 ** 52;
const layers = makeLayers();

function makeLayers() {
  const accept = new Float64Array(256), width = new Float64Array(256), height = new Float64Array(256);
  let outerX = EDGE;
  width[255] = EDGE / BITS;
  height[255] = Math.exp(-0.5 * EDGE * EDGE);
  accept[0] = Math.floor(((EDGE * height[255]) / AREA) * BITS);
  width[0] = AREA / height[255] / BITS;
  height[0] = 1;
  for (let i = 254; i > 0; i--) {
    const x = Math.sqrt(-2 * Math.log(AREA / outerX + height[i + 1]));
    accept[i + 1] = Math.floor((x / outerX) * BITS);
    width[i] = x / BITS;
    height[i] = Math.exp(-0.5 * x * x);
    outerX = x;
  }
  return { accept, width, height };
}

// Returns a function that gives the next normal number of default_rng(seeds).
function normals(seeds) {
  const bits = pcg64(seeds), { accept, width, height } = layers;
  const uniform53 = () => {
    const [high, low] = bits();
    return (high * 2097152 + (low >>> 11)) / 9007199254740992;
  };
  const tail = () => {
    for (;;) {
      const x = -Math.log1p(-uniform53()) / EDGE, y = -Math.log1p(-uniform53());
      if (y + y > x * x) return EDGE + x;
    }
  };
  return () => {
    for (;;) {
      const [high, low] = bits(), layer = low & 0xff;
      const size = (high & 0x1fffffff) * 8388608 + (low >>> 9);
      const x = (low & 0x100 ? -1 : 1) * size * width[layer];
      if (size < accept[layer]) return x;
      if (layer === 0) return Math.floor(size / 256) % 2 ? -tail() : tail();
      if ((height[layer - 1] - height[layer]) * uniform53() + height[layer] < Math.exp(-0.5 * x * x)) return x;
    }
  };
}
