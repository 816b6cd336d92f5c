// Arrays in NumPy's format .npy: numbers, truth values and texts.
const KINDS = {
  "<f8": Float64Array, "<f4": Float32Array, "<i8": BigInt64Array, "<u8": BigUint64Array,
  "<i4": Int32Array, "<u4": Uint32Array, "|b1": Uint8Array, "|u1": Uint8Array,
};

// Returns the bytes of an array; a text is one value, and `columns` says that a matrix is stored by
// columns.
function writeNpy(kind, shape, values, columns = false) {
  const sizes = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const fields = `{'descr': '${kind}', 'fortran_order': ${columns ? "True" : "False"}, 'shape': ${sizes}, }`;
  const header = fields.padEnd(Math.ceil((fields.length + 11) / 64) * 64 - 11) + "\n";
  const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0);
  const data = kind.startsWith("<U") ? Uint32Array.from(values, (c) => c.codePointAt(0)) : KINDS[kind].from(values);
  return joined([magic, packed([[2, header.length]]), new TextEncoder().encode(header), new Uint8Array(data.buffer)]);
}

// Returns the kind, the shape, the values and whether they are stored by columns. Throws a Refusal
// if the bytes are no such array.
function readNpy(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = bytes[6], start = version === 1 ? 10 : 12;
  if (String.fromCharCode(...bytes.subarray(0, 6)) !== "\x93NUMPY" || version < 1 || version > 2) {
    throw new Refusal("a member is not an array");
  }
  const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > Math.min(bytes.length, 10_000)) throw new Refusal("the header of an array is cut off");
  const header = new TextDecoder("latin1").decode(bytes.subarray(start, end));
  const found = header.match(/^\{'descr': '([^']+)', 'fortran_order': (True|False), 'shape': \(([\d, ]*)\), \} *\n$/);
  if (!found) throw new Refusal("the header of an array is not understood");
  const [, kind, columns, sizes] = found;
  const shape = sizes.split(",").filter((size) => size.trim()).map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  const letters = kind.match(/^<U([1-9]\d?)$/)?.[1];
  const Kind = letters ? Uint32Array : KINDS[kind];
  if (!Object.hasOwn(KINDS, kind) && !letters) throw new Refusal(`an array is of ${kind}`);
  if (end + count * (letters ?? 1) * Kind.BYTES_PER_ELEMENT !== bytes.length) {
    throw new Refusal("an array does not have the size that it claims");
  }
  if (letters && shape.length) throw new Refusal("an array has texts");
  const values = new Kind(bytes.slice(end).buffer);
  if (letters) return { kind, shape, text: String.fromCodePoint(...values.filter((point) => point)) };
  return { kind, shape, values, columns: columns === "True" };
}
