// What posters show: a scene for each genre, of a few shapes in the colours it is given, and a
// pattern for whatever has no genre. 300 by 450; the top is for letters, the bottom for a card's words.

import { s } from "./ui.js";

const path = (d, fill, more = {}) => s("path", { d, fill, ...more });
const disc = (cx, cy, r, fill, more = {}) => s("circle", { cx, cy, r, fill, ...more });
const between = (chance, low, high) => low + (high - low) * chance();
const times = (count, make) => Array.from({ length: count }, (_, at) => make(at));

function stars(chance, colour, count = 46) {
  return times(count, () => disc(between(chance, 0, 300), between(chance, 0, 300), between(chance, 0.5, 1.8), colour, { opacity: between(chance, 0.35, 0.95) }));
}

/** A line of hills from side to side, closed below. */
function ridge(chance, y, height, fill, steps = 5) {
  let d = `M-10 ${y}`;
  const wide = 320 / steps;
  for (let at = 0; at < steps; at++) {
    const x = -10 + wide * at;
    d += ` Q${x + wide / 2} ${y - between(chance, 0.3, 1) * height} ${x + wide} ${y + between(chance, -0.2, 0.2) * height}`;
  }
  return path(`${d} V460 H-10 Z`, fill);
}

function peaks(chance, y, height, fill, count = 4, snow = null) {
  const found = [];
  const wide = 300 / count;
  for (let at = -1; at <= count; at++) {
    const x = wide * (at + between(chance, 0.3, 0.7)), top = y - height * between(chance, 0.55, 1), half = wide * between(chance, 0.8, 1.15);
    found.push(path(`M${x - half} 460 L${x - half} ${y} L${x} ${top} L${x + half} ${y} L${x + half} 460 Z`, fill));
    if (snow) {
      const low = top + (y - top) * 0.3, side = half * 0.3;
      found.push(path(`M${x} ${top} L${x + side} ${low} L${x + side * 0.35} ${low - 7} L${x} ${low + 6} L${x - side * 0.4} ${low - 6} L${x - side} ${low} Z`, snow));
    }
  }
  return found;
}

function figure(x, y, size, fill) {
  return path(`M${x - size * 0.32} ${y} q${size * 0.02} ${-size * 0.95} ${size * 0.32} ${-size} q${size * 0.3} ${size * 0.05} ${size * 0.32} ${size} Z M${x} ${y - size * 1.08} m${-size * 0.2} 0 a${size * 0.2} ${size * 0.2} 0 1 0 ${size * 0.4} 0 a${size * 0.2} ${size * 0.2} 0 1 0 ${-size * 0.4} 0`, fill);
}

function planets(c, chance) {
  const x = between(chance, 110, 200), y = between(chance, 275, 320), r = between(chance, 74, 104), tilt = between(chance, -28, 28);
  return [stars(chance, c.ink),
    disc(x, y, r + 26, c.accent, { opacity: 0.12 }), disc(x, y, r, c.accent),
    path(`M${x - r} ${y} A${r} ${r} 0 0 0 ${x + r} ${y} A${r * 1.3} ${r * 0.75} 0 0 1 ${x - r} ${y}`, c.dark, { opacity: 0.32, transform: `rotate(${tilt} ${x} ${y})` }),
    s("ellipse", { cx: x, cy: y, rx: r * 1.62, ry: r * 0.3, fill: "none", stroke: c.ink, "stroke-width": 5, opacity: 0.9, transform: `rotate(${tilt} ${x} ${y})`, "stroke-dasharray": `${r * 2.75} ${r * 1.1} ${r * 3.4} 0` }),
    disc(between(chance, 30, 80), between(chance, 190, 240), between(chance, 9, 17), c.light),
    ridge(chance, 425, 34, c.dark, 3)];
}

function haunted(c, chance) {
  const x = between(chance, 110, 190);
  return [disc(x, 270, 108, c.accent, { opacity: 0.16 }), disc(x, 270, 84, c.accent),
    disc(x - 26, 250, 14, c.light, { opacity: 0.35 }), disc(x + 24, 292, 22, c.light, { opacity: 0.3 }),
    times(4, () => { const a = between(chance, 60, 240), b = between(chance, 205, 270); return path(`M${a} ${b} q8 -9 14 0 q6 -9 14 0 q-8 1 -14 8 q-6 -7 -14 -8`, c.dark); }),
    times(13, (at) => { const tree = -10 + at * 27 + between(chance, -8, 8), top = between(chance, 240, 350); return path(`M${tree - 3} 460 L${tree} ${top} L${tree + 3} 460 Z M${tree} ${top + 44} l${between(chance, 12, 26)} -20 l-${between(chance, 6, 18)} 28 Z M${tree} ${top + 62} l-${between(chance, 12, 26)} -16 l${between(chance, 8, 18)} 26 Z`, c.dark); }),
    ridge(chance, 415, 20, c.dark)];
}

function mesas(c, chance) {
  const x = between(chance, 90, 210);
  return [times(3, (at) => disc(x, 330, 70 + at * 26, c.accent, { opacity: at ? 0.16 : 1 })),
    path(`M-10 345 L20 345 L34 262 L92 258 L104 345 L196 345 L206 290 L264 286 L276 345 L310 345 V460 H-10 Z`, c.light, { opacity: 0.95 }),
    path(`M-10 372 L130 372 L140 300 L176 296 L184 318 L214 316 L226 372 L310 376 V460 H-10 Z`, c.middle),
    path(`M46 420 v-58 q0 -8 7 -8 t7 8 v20 h9 v-16 q0 -6 5 -6 t5 6 v26 h-19 v28 Z`, c.dark),
    ridge(chance, 412, 20, c.dark)];
}

function city(c, chance) {
  const houses = [];
  for (let layer = 0; layer < 2; layer++)
    for (let x = -6; x < 306;) {
      const wide = between(chance, 24, 50), top = between(chance, 225, 320) + layer * 60;
      houses.push(s("rect", { x, y: top, width: wide, height: 460 - top, fill: layer ? c.dark : c.middle }));
      for (let wy = top + 10; layer && wy < 440; wy += 15)
        for (let wx = x + 6; wx < x + wide - 8; wx += 11)
          if (chance() < 0.24) houses.push(s("rect", { x: wx, y: wy, width: 5, height: 7, fill: c.accent, opacity: 0.9 }));
      x += wide + between(chance, 0, 5);
    }
  const lamp = between(chance, 60, 240);
  return [disc(between(chance, 60, 240), 240, between(chance, 38, 60), c.accent, { opacity: 0.95 }), houses,
    path(`M${lamp} 170 L${lamp - 130} 470 L${lamp - 20} 470 Z`, c.ink, { opacity: 0.1 })];
}

function pair(c, chance) {
  const lean = between(chance, -16, 16);
  return [disc(114, 280 + lean, 74, c.accent), disc(186, 280 - lean, 74, c.light),
    disc(114, 280 + lean, 74, c.ink, { opacity: 0.15 }),
    path("M150 322 c-46 -32 -30 -66 -8 -58 q8 3 8 12 q0 -9 8 -12 c22 -8 38 26 -8 58", c.ink, { transform: `rotate(${lean / 2} 150 290)` }),
    times(6, (at) => s("rect", { x: between(chance, 0, 120), y: 372 + at * 13, width: between(chance, 90, 200), height: 4, rx: 2, fill: at % 2 ? c.accent : c.ink, opacity: 0.4 })),
    ridge(chance, 446, 10, c.dark, 3)];
}

function party(c, chance) {
  const found = [];
  const paints = [c.accent, c.light, c.ink, c.middle];
  for (let row = 0; row < 5; row++)
    for (let column = -1; column < 6; column++) {
      const x = column * 60 + (row % 2) * 30, y = 250 + row * 46, first = Math.floor(chance() * 4);
      times(4, (at) => found.push(disc(x, y + 60, 34 - at * 9, paints[(first + at) % 4])));
    }
  return [times(26, () => s("rect", { x: between(chance, 0, 300), y: between(chance, 130, 262), width: 5, height: between(chance, 8, 15), rx: 2, fill: paints[Math.floor(chance() * 3)], transform: `rotate(${between(chance, 0, 180)} 150 200)` })), found];
}

function stage(c, chance) {
  const x = between(chance, 110, 190), from = chance() < 0.5 ? -20 : 320;
  return [path(`M${from} 60 L${x - 84} 392 L${x + 84} 392 Z`, c.accent, { opacity: 0.34 }),
    path(`M${from} 60 L${x - 46} 392 L${x + 46} 392 Z`, c.ink, { opacity: 0.3 }),
    s("rect", { x: 0, y: 376, width: 300, height: 80, fill: c.dark }),
    s("ellipse", { cx: x, cy: 392, rx: 86, ry: 17, fill: c.accent }), s("ellipse", { cx: x + 12, cy: 395, rx: 40, ry: 6, fill: c.dark, opacity: 0.5 }),
    figure(x, 394, between(chance, 62, 82), c.dark),
    chance() < 0.5 && figure(x + 54, 392, 56, c.dark)];
}

function meadow(c, chance) {
  const x = between(chance, 70, 230);
  const cloud = (cx, cy, k) => s("g", { fill: c.ink, opacity: 0.9 }, disc(cx, cy, 15 * k), disc(cx + 19 * k, cy - 7 * k, 19 * k), disc(cx + 40 * k, cy, 14 * k), s("rect", { x: cx - 4 * k, y: cy, width: 50 * k, height: 15 * k, rx: 7 * k }));
  const bx = between(chance, 90, 210), by = between(chance, 215, 245);
  return [disc(300 - x, 290, 62, c.accent), cloud(between(chance, 10, 60), 250, 0.9), cloud(between(chance, 180, 230), 292, 0.7),
    path(`M${bx} ${by - 42} c-44 0 -46 50 -12 74 h24 c34 -24 32 -74 -12 -74`, c.light), path(`M${bx} ${by - 42} c-16 0 -18 50 -5 74 h10 c13 -24 11 -74 -5 -74`, c.accent),
    s("rect", { x: bx - 8, y: by + 42, width: 16, height: 12, rx: 3, fill: c.dark }), path(`M${bx - 10} ${by + 32} L${bx - 7} ${by + 44} M${bx + 10} ${by + 32} L${bx + 7} ${by + 44}`, "none", { stroke: c.dark, "stroke-width": 1.6 }),
    ridge(chance, 356, 52, c.light, 3), ridge(chance, 388, 46, c.middle, 2), ridge(chance, 424, 34, c.dark, 3)];
}

function front(c, chance) {
  const beam = (x, lean) => path(`M${x} 400 L${x + lean - 34} 120 L${x + lean + 34} 120 Z`, c.ink, { opacity: 0.16 });
  return [beam(70, between(chance, -40, 60)), beam(220, between(chance, -80, 30)), disc(between(chance, 80, 220), 330, 54, c.accent),
    ridge(chance, 350, 46, c.light, 4), ridge(chance, 382, 40, c.middle, 3), ridge(chance, 412, 26, c.dark, 4),
    times(7, (at) => path(`M${at * 46 + 4} 424 l6 -44 l6 44 Z M${at * 46 - 8} 400 h40 v3 h-40 Z`, c.dark))];
}

function arches(c, chance) {
  const wide = 300 / (3 + Math.floor(chance() * 2));
  const arch = (at, y, k, fill) => { const x = at * wide + wide / 2, r = wide * 0.34 * k; return path(`M${x - r} 420 V${y} a${r} ${r} 0 0 1 ${2 * r} 0 V420 Z`, fill); };
  return [s("rect", { x: 0, y: 212, width: 300, height: 250, fill: c.light }), s("rect", { x: 0, y: 206, width: 300, height: 14, fill: c.accent }),
    times(5, (at) => [arch(at, 290, 1, c.dark), arch(at, 304, 0.78, c.middle), disc(at * wide + wide / 2, 366, wide * 0.2, c.accent)]),
    s("rect", { x: 0, y: 396, width: 300, height: 60, fill: c.dark }), s("rect", { x: 0, y: 390, width: 300, height: 9, fill: c.accent })];
}

function record(c, chance) {
  const x = between(chance, 130, 190), turn = between(chance, 0, 360);
  return [disc(x, 300, 128, c.dark), times(7, (at) => disc(x, 300, 120 - at * 11, "none", { stroke: c.middle, "stroke-width": 1.4 })),
    path(`M${x} 300 L${x + 122} 268 A126 126 0 0 1 ${x + 122} 332 Z M${x} 300 L${x - 122} 268 A126 126 0 0 0 ${x - 122} 332 Z`, c.ink, { opacity: 0.14, transform: `rotate(${turn} ${x} 300)` }),
    disc(x, 300, 42, c.accent), disc(x, 300, 27, c.light), disc(x, 300, 5, c.dark),
    times(16, (at) => { const tall = between(chance, 12, 78); return s("rect", { x: 6 + at * 18.4, y: 452 - tall, width: 11, height: tall, rx: 5, fill: at % 3 ? c.accent : c.ink }); })];
}

function keyhole(c, chance) {
  const x = between(chance, 120, 180);
  return [times(6, (at) => disc(x, 296, 190 - at * 26, at % 2 ? c.middle : c.dark, { opacity: 0.75 })),
    path(`M${x - 26} 292 a34 34 0 1 1 52 0 l22 96 h-96 Z`, c.accent), figure(x, 388, 34, c.dark),
    path(`M${x - 48} 388 h96 L${x + 130} 460 H${x - 130} Z`, c.accent, { opacity: 0.4 })];
}

function castle(c, chance) {
  const x = between(chance, 110, 190);
  const tower = (tx, top, wide) => path(`M${tx - wide} 420 V${top} h${wide * 2} V420 Z M${tx - wide - 4} ${top} L${tx} ${top - wide * 2.8} L${tx + wide + 4} ${top} Z`, c.dark);
  return [stars(chance, c.ink, 30), disc(300 - x, 262, 60, c.accent), disc(300 - x + 20, 250, 52, c.middle, { opacity: 0.55 }),
    peaks(chance, 400, 130, c.light, 4), tower(x, 296, 13), tower(x - 34, 330, 10), tower(x + 32, 322, 11), tower(x + 58, 352, 8),
    s("rect", { x: x - 44, y: 356, width: 108, height: 70, fill: c.dark }), times(4, (at) => s("rect", { x: x - 30 + at * 20, y: 366 + (at % 2) * 12, width: 5, height: 9, rx: 2, fill: c.accent })),
    ridge(chance, 408, 32, c.dark, 3)];
}

function summit(c, chance) {
  return [disc(between(chance, 70, 230), 265, 56, c.accent), peaks(chance, 400, 175, c.middle, 3, c.ink), peaks(chance, 430, 95, c.dark, 4),
    path("M128 460 C150 430 118 420 146 404 C170 390 140 382 152 366 L158 366 C150 382 184 390 164 406 C142 424 180 432 176 460 Z", c.accent)];
}

function burst(c, chance) {
  const x = between(chance, 110, 190), y = between(chance, 290, 330), turn = between(chance, 0, 30);
  const ray = (at) => { const a = ((at * 15 + turn) * Math.PI) / 180, b = a + 0.12 + 0.1 * chance(); return path(`M${x} ${y} L${x + 420 * Math.cos(a)} ${y + 420 * Math.sin(a)} L${x + 420 * Math.cos(b)} ${y + 420 * Math.sin(b)} Z`, at % 2 ? c.accent : c.light, { opacity: at % 2 ? 0.5 : 0.7 }); };
  const spikes = (r, fill) => path(`M${times(22, (at) => { const a = (at * Math.PI) / 11, k = at % 2 ? r * 0.62 : r * between(chance, 0.9, 1.2); return `${(x + k * Math.cos(a)).toFixed(1)} ${(y + k * Math.sin(a)).toFixed(1)}`; }).join(" L")} Z`, fill);
  return [times(24, ray), spikes(104, c.dark), spikes(80, c.light), spikes(56, c.accent), spikes(30, c.ink), ridge(chance, 438, 12, c.dark, 6)];
}

function contours(c, chance) {
  const x = between(chance, 100, 200), bend = times(9, () => between(chance, 0.75, 1.2));
  const ring = (r) => { const p = bend.map((k, at) => { const a = (at / 9) * Math.PI * 2; return [x + r * k * Math.cos(a), 310 + r * k * 0.8 * Math.sin(a)]; });
    const mid = (a, b) => `${((a[0] + b[0]) / 2).toFixed(1)} ${((a[1] + b[1]) / 2).toFixed(1)}`;
    return `M${mid(p[8], p[0])} ${p.map((one, at) => `Q${one[0].toFixed(1)} ${one[1].toFixed(1)} ${mid(one, p[(at + 1) % 9])}`).join(" ")} Z`; };
  return [times(11, (at) => path(ring(250 - at * 23), at === 10 ? c.accent : at % 2 ? c.middle : c.dark, { opacity: at === 10 ? 1 : 0.55, stroke: c.accent, "stroke-width": 1.3, "stroke-opacity": 0.75 })),
    path(`M${x} 312 v-44 l26 10 l-26 10`, c.ink, { stroke: c.ink, "stroke-width": 2.5, "stroke-linejoin": "round" })];
}

/** For what has no genre: an option of a list. */
export function shapes(c, chance) {
  const paints = [c.accent, c.light, c.ink, c.middle, c.dark];
  const tile = (x, y) => {
    const [ground, first, second] = times(3, () => paints[Math.floor(chance() * 5)]);
    const turn = `rotate(${90 * Math.floor(chance() * 4)} ${x + 37.5} ${y + 37.5})`;
    const kind = Math.floor(chance() * 5);
    const inside = [
      () => path(`M${x} ${y} a75 75 0 0 1 75 75 h-75 Z`, first),
      () => [path(`M${x} ${y} a75 75 0 0 1 75 75 h-75 Z`, first), path(`M${x} ${y + 37.5} a37.5 37.5 0 0 1 37.5 37.5 h-37.5 Z`, second)],
      () => [disc(x + 37.5, y + 37.5, 37.5, first), disc(x + 37.5, y + 37.5, 16, second)],
      () => path(`M${x} ${y} L${x + 75} ${y + 75} H${x} Z`, first),
      () => path(`M${x} ${y} a37.5 37.5 0 0 0 75 0 Z M${x} ${y + 37.5} a37.5 37.5 0 0 0 75 0 Z`, first),
    ][kind]();
    return s("g", { transform: turn }, s("rect", { x, y, width: 75.5, height: 75.5, fill: ground }), inside);
  };
  return times(3, (row) => times(4, (column) => tile(column * 75, 225 + row * 75)));
}

export const scenes = {
  western: mesas, science_fiction: planets, horror: haunted, music: record, war: front, animation: meadow,
  fantasy: castle, documentary: contours, romance: pair, history: arches, family: meadow, mystery: keyhole,
  adventure: summit, crime: city, comedy: party, action: burst, thriller: city, drama: stage,
};
