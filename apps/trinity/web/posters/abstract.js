// Pictures of nothing in particular: rounds, rays, lines of height, tiles. Each is `(colours, chance)
// => shapes`.

import { between, box, disc, path, pick, ridge, s, times } from "./marks.js";

export function pair(c, chance) {
  const lean = between(chance, -16, 16);
  return [disc(114, 280 + lean, 74, c.accent), disc(186, 280 - lean, 74, c.light),
    disc(114, 280 + lean, 74, c.ink, { opacity: 0.15 }),
    path("M150 322 c-46 -32 -30 -66 -8 -58 q8 3 8 12 q0 -9 8 -12 c22 -8 38 26 -8 58", c.ink,
      { transform: `rotate(${lean / 2} 150 290)` }),
    times(6, (at) => box(between(chance, 0, 120), 372 + at * 13, between(chance, 90, 200), 4, at % 2 ? c.accent : c.ink,
      { rx: 2, opacity: 0.4 })),
    ridge(chance, 446, 10, c.dark, 3)];
}

export function party(c, chance) {
  const paints = [c.accent, c.light, c.ink, c.middle];
  const scale = (at) => {
    const [row, column] = [Math.floor(at / 7), (at % 7) - 1];
    const x = column * 60 + (row % 2) * 30, y = 310 + row * 46, first = Math.floor(chance() * 4);
    return times(4, (ring) => disc(x, y, 34 - ring * 9, paints[(first + ring) % 4]));
  };
  const confetti = () => box(between(chance, 0, 300), between(chance, 130, 262), 5, between(chance, 8, 15),
    paints[Math.floor(chance() * 3)], { rx: 2, transform: `rotate(${between(chance, 0, 180)} 150 200)` });
  return [times(26, confetti), times(35, scale)];
}

export function burst(c, chance) {
  const x = between(chance, 110, 190), y = between(chance, 290, 330), turn = between(chance, 0, 30);
  const point = (angle, r) => `${(x + r * Math.cos(angle)).toFixed(1)} ${(y + r * Math.sin(angle)).toFixed(1)}`;
  const ray = (at) => {
    const a = ((at * 15 + turn) * Math.PI) / 180, b = a + 0.12 + 0.1 * chance();
    return path(`M${x} ${y} L${point(a, 420)} L${point(b, 420)} Z`, at % 2 ? c.accent : c.light, { opacity: at % 2 ? 0.5 : 0.7 });
  };
  const spikes = (r, fill) => path(`M${times(22, (at) =>
    point((at * Math.PI) / 11, at % 2 ? r * 0.62 : r * between(chance, 0.9, 1.2))).join(" L")} Z`, fill);
  return [times(24, ray), spikes(104, c.dark), spikes(80, c.light), spikes(56, c.accent), spikes(30, c.ink),
    ridge(chance, 438, 12, c.dark, 6)];
}

export function contours(c, chance) {
  const x = between(chance, 100, 200), bend = times(9, () => between(chance, 0.75, 1.2));
  const middle = (a, b) => `${((a[0] + b[0]) / 2).toFixed(1)} ${((a[1] + b[1]) / 2).toFixed(1)}`;
  const ring = (r) => {
    const p = bend.map((k, at) => {
      const a = (at / 9) * Math.PI * 2;
      return [x + r * k * Math.cos(a), 310 + r * k * 0.8 * Math.sin(a)];
    });
    const bends = p.map((one, at) => `Q${one[0].toFixed(1)} ${one[1].toFixed(1)} ${middle(one, p[(at + 1) % 9])}`);
    return `M${middle(p[8], p[0])} ${bends.join(" ")} Z`;
  };
  return [times(11, (at) => path(ring(250 - at * 23), at === 10 ? c.accent : at % 2 ? c.middle : c.dark,
    { opacity: at === 10 ? 1 : 0.55, stroke: c.accent, "stroke-width": 1.3, "stroke-opacity": 0.75 })),
  path(`M${x} 312 v-44 l26 10 l-26 10`, c.ink, { stroke: c.ink, "stroke-width": 2.5, "stroke-linejoin": "round" })];
}

const TILE = 75;
const TILES = [
  (x, y, first) => path(`M${x} ${y} a75 75 0 0 1 75 75 h-75 Z`, first),
  (x, y, first, second) => [path(`M${x} ${y} a75 75 0 0 1 75 75 h-75 Z`, first),
    path(`M${x} ${y + 37.5} a37.5 37.5 0 0 1 37.5 37.5 h-37.5 Z`, second)],
  (x, y, first, second) => [disc(x + 37.5, y + 37.5, 37.5, first), disc(x + 37.5, y + 37.5, 16, second)],
  (x, y, first) => path(`M${x} ${y} L${x + 75} ${y + 75} H${x} Z`, first),
  (x, y, first) => path(`M${x} ${y} a37.5 37.5 0 0 0 75 0 Z M${x} ${y + 37.5} a37.5 37.5 0 0 0 75 0 Z`, first),
];

/** For what has no genre: an option of a list. */
export function tiles(c, chance) {
  const paints = [c.accent, c.light, c.ink, c.middle, c.dark];
  const tile = (x, y) => {
    const [ground, first, second] = times(3, () => pick(paints, chance));
    const turned = { transform: `rotate(${90 * Math.floor(chance() * 4)} ${x + 37.5} ${y + 37.5})` };
    return s("g", turned, box(x, y, TILE + 0.5, TILE + 0.5, ground), pick(TILES, chance)(x, y, first, second));
  };
  return times(12, (at) => tile((at % 4) * TILE, 225 + Math.floor(at / 4) * TILE));
}
