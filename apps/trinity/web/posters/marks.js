// What scenes are drawn with: a few shapes, and chance within bounds. A poster is 300 by 450; its top
// is for letters, its bottom for a card's words.

import { s } from "../ui.js";

export { s };
export const path = (d, fill, more = {}) => s("path", { d, fill, ...more });
export const disc = (cx, cy, r, fill, more = {}) => s("circle", { cx, cy, r, fill, ...more });
export const box = (x, y, width, height, fill, more = {}) => s("rect", { x, y, width, height, fill, ...more });
export const between = (chance, low, high) => low + (high - low) * chance();
export const times = (count, make) => Array.from({ length: count }, (_, at) => make(at));
export const pick = (from, chance) => from[Math.floor(chance() * from.length)];

export function stars(chance, colour, count = 46) {
  return times(count, () => disc(between(chance, 0, 300), between(chance, 0, 300), between(chance, 0.5, 1.8),
    colour, { opacity: between(chance, 0.35, 0.95) }));
}

/** A line of hills from side to side, closed below. */
export function ridge(chance, y, height, fill, steps = 5) {
  const wide = 320 / steps;
  const hills = times(steps, (at) => {
    const x = -10 + wide * at;
    const top = y - between(chance, 0.3, 1) * height, end = y + between(chance, -0.2, 0.2) * height;
    return ` Q${x + wide / 2} ${top} ${x + wide} ${end}`;
  });
  return path(`M-10 ${y}${hills.join("")} V460 H-10 Z`, fill);
}

export function peaks(chance, y, height, fill, count = 4, snow = null) {
  const wide = 300 / count;
  return times(count + 2, (at) => {
    const x = wide * (at - 1 + between(chance, 0.3, 0.7));
    const top = y - height * between(chance, 0.55, 1), half = wide * between(chance, 0.8, 1.15);
    const rock = path(`M${x - half} 460 L${x - half} ${y} L${x} ${top} L${x + half} ${y} L${x + half} 460 Z`, fill);
    return snow ? [rock, cap(x, top, top + (y - top) * 0.3, half * 0.3, snow)] : rock;
  });
}

function cap(x, top, low, side, fill) {
  const edge = [[side, 0], [side * 0.35, -7], [0, 6], [-side * 0.4, -6], [-side, 0]];
  return path(`M${x} ${top} ${edge.map(([dx, dy]) => `L${x + dx} ${low + dy}`).join(" ")} Z`, fill);
}

/** Somebody, from behind. */
export function figure(x, y, size, fill) {
  const body = `M${x - size * 0.32} ${y} q${size * 0.02} ${-size * 0.95} ${size * 0.32} ${-size} `
    + `q${size * 0.3} ${size * 0.05} ${size * 0.32} ${size} Z`;
  return [path(body, fill), disc(x, y - size * 1.08, size * 0.2, fill)];
}

/** Waves of a sea, each in front of the last. */
export function waves(chance, y, paints, step = 22) {
  return paints.map((fill, row) => {
    const from = between(chance, -40, 0), top = y + row * step;
    const crests = times(9, () => "q20 -13 40 0").join(" ");
    return path(`M${from} ${top} ${crests} V460 H${from} Z`, fill);
  });
}
