// Zip archives: written with stored members, read with stored or deflated ones. What is read may be
// anything, so each number is checked before it is used.
const LARGEST_ARCHIVE = 64_000_000; // bytes, also once unpacked
const LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50;

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let i = 0; i < 8; i++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

function crc32(bytes) {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ crcTable[(crc ^ bytes[i]) & 255];
  return ~crc >>> 0;
}

// Returns a buffer of little-endian numbers, given as [bytes, value] pairs, and then the given bytes.
function packed(numbers, ...rest) {
  const size = numbers.reduce((sum, [width]) => sum + width, 0);
  const head = new DataView(new ArrayBuffer(size));
  let at = 0;
  for (const [width, value] of numbers) {
    if (width === 2) head.setUint16(at, value, true);
    else head.setUint32(at, value, true);
    at += width;
  }
  return joined([new Uint8Array(head.buffer), ...rest]);
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// Writes members, given as [name, bytes] pairs, all of the same date: equal members, equal bytes.
function writeZip(members) {
  const parts = [], directory = [];
  let offset = 0;
  for (const [name, bytes] of members) {
    const title = new TextEncoder().encode(name), { length } = bytes;
    const common = [[2, 20], [2, 0], [2, 0], [2, 0], [2, 0x21], [4, crc32(bytes)], [4, length], [4, length], [2, title.length], [2, 0]];
    const local = packed([[4, LOCAL], ...common], title);
    directory.push(packed([[4, CENTRAL], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]], title));
    parts.push(local, bytes);
    offset += local.length + length;
  }
  const central = joined(directory), count = members.length;
  const end = packed([[4, END], [2, 0], [2, 0], [2, count], [2, count], [4, central.length], [4, offset], [2, 0]]);
  return joined([...parts, central, end]);
}

// Returns the members of an archive, by name. Throws a RangeError or an error of decompression if it
// is none.
async function readZip(bytes) {
  if (bytes.length > LARGEST_ARCHIVE) throw new RangeError("it is too large");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let end = bytes.length - 22;
  while (end >= Math.max(0, bytes.length - 65_557) && view.getUint32(end, true) !== END) end -= 1;
  if (end < 0 || view.getUint32(end, true) !== END) throw new RangeError("it is not an archive");
  const members = new Map();
  let at = view.getUint32(end + 16, true), unpacked = 0;
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== CENTRAL) throw new RangeError("its directory is damaged");
    const [method, titleLength, extra, comment] = [10, 28, 30, 32].map((place) => view.getUint16(at + place, true));
    const [crc, size, length, start] = [16, 20, 24, 42].map((place) => view.getUint32(at + place, true));
    unpacked += length;
    if (unpacked > LARGEST_ARCHIVE) throw new RangeError("it is too large");
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + titleLength));
    if (view.getUint32(start, true) !== LOCAL) throw new RangeError("a member is missing");
    const from = start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
    if (from + size > bytes.length) throw new RangeError("a member is cut off");
    const content = await memberOf(bytes.subarray(from, from + size), method, length);
    if (content.length !== length || crc32(content) !== crc) throw new RangeError("a member is damaged");
    members.set(name, content);
    at += 46 + titleLength + extra + comment;
  }
  return members;
}

// Unpacks a member, but never more than it claims to hold.
async function memberOf(bytes, method, length) {
  if (method === 0) return bytes;
  if (method !== 8) throw new RangeError("a member is compressed in an unknown way");
  const parts = [], stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  let size = 0;
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return joined(parts);
    size += value.length;
    if (size > length) {
      await reader.cancel();
      throw new RangeError("a member is larger than it claims");
    }
    parts.push(value);
  }
}
