// model.npz, as in rnn/files/storage.py: the network in the page's terms, and as a file.
const FORMAT = 2;
const LARGEST_MODEL = 4_000_000; // parameters
const LARGEST_VOCABULARY = 20_000; // characters
const FORMS = ["as_is", "nfc", "nfd", "nfkc", "nfkd"];

function writeModel({ cell, hiddenSize: m, vocabulary, weights, states, first, lowercase, unicodeForm, way }) {
  const K = vocabulary.length, rows = cells[cell].blocks * m;
  const { U, W, V, b, c } = parameters(weights, { cell, hiddenSize: m, vocabulary });
  const number = (value) => writeNpy("<i8", [], [BigInt(value)]);
  const text = (value) => writeNpy(`<U${value.length}`, [], value);
  const arrays = {
    format: number(FORMAT),
    cell: text(cell),
    unicode_form: text(unicodeForm ? unicodeForm.toLowerCase() : "as_is"),
    hidden_size: number(m),
    vocabulary_size: number(K),
    vocabulary: writeNpy("<u4", [K], vocabulary),
    states: writeNpy("<f8", [states.length / m, m], states),
    first: number(first),
    lowercase: writeNpy("|b1", [], [lowercase]),
    way: writeNpy("<f8", [way.length], way),
    gate: writeNpy("<f8", [0], []),
    U: writeNpy("<f8", [rows, K], U, true),
    W: writeNpy("<f8", [rows, m], W),
    V: writeNpy("<f8", [K, m], V),
    b: writeNpy("<f8", [rows], b),
    c: writeNpy("<f8", [K], c),
  };
  return writeZip(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes]));
}

// Returns a network for the page. Throws an error that says in a line why a file is refused.
async function readModelFile(file) {
  try {
    if (file.size > LARGEST_ARCHIVE) throw new Refusal("it is too large");
    return networkOf(await readZip(new Uint8Array(await file.arrayBuffer())));
  } catch (error) { // damaged bytes raise many kinds
    const why = error instanceof Refusal ? `: ${error.message}` : "";
    throw new RangeError(`${file.name} is not a model of this program, or is damaged${why}.`);
  }
}

function networkOf(members) {
  const array = (name) => {
    const bytes = members.get(`${name}.npy`);
    if (!bytes) throw new Refusal(`it has no ${name}`);
    return readNpy(bytes);
  };
  const whole = (name, low, high) => {
    const { shape, values } = array(name), value = Number(values?.[0]);
    if (shape.length || !Number.isInteger(value) || value < low || value > high) throw new Refusal(`its ${name} makes no sense`);
    return value;
  };
  const numbers = (name, ...sizes) => {
    const found = array(name);
    if (`${found.shape}` !== `${sizes}` || !["<f4", "<f8"].includes(found.kind)) throw new Refusal(`its ${name} has another size or type`);
    if (!computable(found.values)) throw new Refusal(`its ${name} has a number that is not finite or is too large`);
    return found;
  };
  // The numbers of a matrix by rows, or by columns.
  const ordered = ({ values, columns, shape: [rows, length] }, byColumns = false) => {
    if (columns === byColumns) return values;
    const [inner, outer] = byColumns ? [rows, length] : [length, rows];
    return values.map((_, i) => values[(i % inner) * outer + Math.floor(i / inner)]);
  };

  if (whole("format", 0, 2 ** 31) !== FORMAT) throw new Refusal("it belongs to another version");
  const cell = array("cell").text, form = array("unicode_form").text;
  if (!Object.hasOwn(cells, cell)) throw new Refusal("it has a cell that this page lacks");
  if (!FORMS.includes(form)) throw new Refusal("its unicode_form is unknown");
  const hiddenSize = whole("hidden_size", 1, 10_000), K = whole("vocabulary_size", 1, LARGEST_VOCABULARY);
  const points = array("vocabulary");
  const vocabulary = points.kind === "<u4" && points.values.length === K ? [...points.values] : [];
  const isCharacter = (point) => point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff); // no surrogate
  const sound = vocabulary.every((point, k) => isCharacter(point) && !(point <= vocabulary[k - 1]));
  if (vocabulary.length !== K || !sound) throw new Refusal("its vocabulary makes no sense");
  const shape = { cell, hiddenSize, vocabulary };
  if (sizeOf(shape) > LARGEST_MODEL) throw new Refusal("it is too large");
  const rows = cells[cell].blocks * hiddenSize;
  const weights = new Float64Array(sizeOf(shape)), p = parameters(weights, shape);
  p.U.set(ordered(numbers("U", rows, K), true));
  p.W.set(ordered(numbers("W", rows, hiddenSize)));
  p.V.set(ordered(numbers("V", K, hiddenSize)));
  p.b.set(numbers("b", rows).values);
  p.c.set(numbers("c", K).values);
  const way = array("way");
  if (way.kind !== "<f8" || ![0, 2].includes(way.values.length) || !way.values.every((rate) => rate >= 0 && rate < Infinity)) {
    throw new Refusal("its way makes no sense");
  }
  return {
    ...shape,
    weights,
    states: Float64Array.from(ordered(numbers("states", cells[cell].states, hiddenSize))),
    first: whole("first", 0, K - 1),
    lowercase: whole("lowercase", 0, 1) === 1,
    unicodeForm: form === "as_is" ? "" : form.toUpperCase(),
    signs: signsOf(vocabulary),
    ...(way.values.length ? { way: [...way.values] } : {}),
  };
}
