// A link as a QR code (ISO 18004: bytes, level M, versions 1 to 10), so that a phone gets into a
// room by looking at a screen. The path is one SVG `d`; no image, no canvas.

const CHECKS = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26]; // code words that correct, each block
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5];
const WORDS = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346];
const ALIGNED = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42],
  [6, 26, 46], [6, 28, 50]];
const MASKS = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2, (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

/** `size` modules a side, and the path that fills the dark ones; the quiet border is the page's. */
export function qr(text) {
  const rows = modules(text);
  const dark = rows.flatMap((row, y) => row.map((is, x) => (is ? `M${x} ${y}h1v1h-1z` : "")));
  return { size: rows.length, path: dark.join("") };
}

/** Rows of booleans. */
export function modules(text) {
  const bytes = [...new TextEncoder().encode(text)];
  const version = WORDS.findIndex((_, at) => bytes.length <= room(at + 1)) + 1;
  if (!version) throw new RangeError(`${bytes.length} bytes are too many for a code`);
  const words = interleaved(packed(bytes, version), version);
  const tries = MASKS.map((mask, no) => drawn(version, words, mask, no));
  return tries.reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
}

const checksOf = (version) => CHECKS[version - 1] * BLOCKS[version - 1];
const lengthBits = (version) => (version < 10 ? 8 : 16);
const room = (version) =>
  Math.floor(((WORDS[version - 1] - checksOf(version)) * 8 - 4 - lengthBits(version)) / 8);

// -- words

function packed(bytes, version) {
  const bits = [];
  const put = (value, count) => {
    for (let at = count - 1; at >= 0; at--) bits.push((value >> at) & 1);
  };
  put(4, 4);
  put(bytes.length, lengthBits(version));
  for (const byte of bytes) put(byte, 8);
  const most = (WORDS[version - 1] - checksOf(version)) * 8;
  put(0, Math.min(4, most - bits.length));
  while (bits.length % 8) bits.push(0);
  for (let pad = 0xec; bits.length < most; pad ^= 0xec ^ 0x11) put(pad, 8);
  return Array.from({ length: most / 8 }, (_, at) =>
    bits.slice(at * 8, at * 8 + 8).reduce((sum, bit) => sum * 2 + bit, 0));
}

function interleaved(words, version) {
  const count = BLOCKS[version - 1];
  const short = Math.floor(words.length / count), longer = words.length % count;
  let from = 0;
  const blocks = Array.from({ length: count }, (_, at) => {
    const length = short + (at >= count - longer ? 1 : 0);
    return words.slice(from, (from += length));
  });
  const checks = blocks.map((block) => remainder(block, CHECKS[version - 1]));
  return [...turned(blocks), ...turned(checks)];
}

function turned(blocks) {
  const most = Math.max(...blocks.map((block) => block.length));
  return Array.from({ length: most }, (_, at) => blocks.map((block) => block[at])).flat()
    .filter((word) => word !== undefined);
}

function times(a, b) {
  let product = 0;
  for (let at = 7; at >= 0; at--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((b >> at) & 1) * a;
  }
  return product;
}

function remainder(block, count) {
  const generator = [...Array(count - 1).fill(0), 1];
  for (let no = 0, root = 1; no < count; no++, root = times(root, 2))
    for (let at = 0; at < count; at++)
      generator[at] = times(generator[at], root) ^ (generator[at + 1] ?? 0);
  const left = Array(count).fill(0);
  for (const word of block) {
    const factor = word ^ left.shift();
    left.push(0);
    generator.forEach((one, at) => (left[at] ^= times(one, factor)));
  }
  return left;
}

// -- modules

function drawn(version, words, mask, no) {
  const size = version * 4 + 17;
  const rows = Array.from({ length: size }, () => Array(size).fill(null));
  const set = (x, y, is) => {
    if (rows[y]?.[x] !== undefined) rows[y][x] = Boolean(is);
  };
  patterns(set, rows, version, size);
  format(set, no, size);
  if (version >= 7) written(set, version, size);
  const free = rows.map((row) => row.map((one) => one === null));
  let at = 0;
  for (const [x, y] of path(size))
    if (free[y][x]) {
      const bit = (words[at >> 3] >> (7 - (at & 7))) & 1; // past the end undefined >> n is 0
      rows[y][x] = Boolean(bit) !== (mask(x, y) === 0);
      at++;
    }
  return rows;
}

function patterns(set, rows, version, size) {
  const last = size - 7;
  for (const [left, top] of [[0, 0], [last, 0], [0, last]])
    for (let y = -1; y < 8; y++)
      for (let x = -1; x < 8; x++) {
        const ring = Math.max(Math.abs(x - 3), Math.abs(y - 3));
        set(left + x, top + y, ring !== 2 && ring !== 4);
      }
  const middles = ALIGNED[version - 1];
  for (const y of middles)
    for (const x of middles)
      if (rows[y][x] === null) square(set, x, y);
  for (let at = 8; at < size - 8; at++) {
    set(at, 6, at % 2 === 0);
    set(6, at, at % 2 === 0);
  }
  set(8, size - 8, true);
}

function square(set, middleX, middleY) {
  for (let y = -2; y <= 2; y++)
    for (let x = -2; x <= 2; x++)
      set(middleX + x, middleY + y, Math.max(Math.abs(x), Math.abs(y)) !== 1);
}

function format(set, mask, size) {
  const bits = ((mask << 10) | checked(mask, 10, 0x537)) ^ 0x5412; // level M is 00
  for (let at = 0; at < 15; at++) {
    const is = (bits >> at) & 1;
    const [x, y] = at < 6 ? [8, at] : at < 8 ? [8, at + 1] : at === 8 ? [7, 8] : [14 - at, 8];
    set(x, y, is);
    if (at < 8) set(size - 1 - at, 8, is);
    else set(8, size - 15 + at, is);
  }
}

function written(set, version, size) {
  const bits = (version << 12) | checked(version, 12, 0x1f25);
  for (let at = 0; at < 18; at++) {
    const [far, near] = [size - 11 + (at % 3), Math.floor(at / 3)];
    set(far, near, (bits >> at) & 1);
    set(near, far, (bits >> at) & 1);
  }
}

function checked(value, count, polynomial) {
  let left = value;
  for (let at = 0; at < count; at++) left = (left << 1) ^ ((left >> (count - 1)) * polynomial);
  return left;
}

function* path(size) {
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++)
      for (const x of [right, right - 1]) yield [x, up ? size - 1 - step : step];
  }
}

function penalty(rows) {
  const lines = [...rows, ...rows.map((_, at) => rows.map((row) => row[at]))];
  const texts = lines.map((line) => line.map(Number).join(""));
  let sum = 0;
  for (const text of texts) {
    for (const [run] of text.matchAll(/0{5,}|1{5,}/g)) sum += run.length - 2;
    sum += 40 * [...text.matchAll(/(?=10111010000|00001011101)/g)].length;
  }
  for (let y = 1; y < rows.length; y++)
    for (let x = 1; x < rows.length; x++) {
      const one = rows[y][x];
      if (rows[y - 1][x] === one && rows[y][x - 1] === one && rows[y - 1][x - 1] === one) sum += 3;
    }
  const dark = rows.flat().filter(Boolean).length / rows.length ** 2;
  return sum + 10 * Math.floor(Math.abs(dark - 0.5) * 20);
}
