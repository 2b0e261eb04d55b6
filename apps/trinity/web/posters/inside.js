// Scenes between walls, and things as large as a wall. Each is `(colours, chance) => shapes`.

import { between, box, disc, figure, path, pick, ridge, s, times } from "./marks.js";

export function stage(c, chance) {
  const x = between(chance, 110, 190), from = chance() < 0.5 ? -20 : 320;
  return [path(`M${from} 60 L${x - 84} 392 L${x + 84} 392 Z`, c.accent, { opacity: 0.34 }),
    path(`M${from} 60 L${x - 46} 392 L${x + 46} 392 Z`, c.ink, { opacity: 0.3 }), box(0, 376, 300, 80, c.dark),
    s("ellipse", { cx: x, cy: 392, rx: 86, ry: 17, fill: c.accent }),
    s("ellipse", { cx: x + 12, cy: 395, rx: 40, ry: 6, fill: c.dark, opacity: 0.5 }),
    figure(x, 394, between(chance, 62, 82), c.dark), chance() < 0.5 && figure(x + 54, 392, 56, c.dark)];
}

/** Light through blinds, and somebody who waits. */
export function blinds(c, chance) {
  const lean = between(chance, -14, 14), x = between(chance, 100, 200);
  return [box(0, 190, 300, 270, c.dark), disc(x + between(chance, -40, 40), 300, 96, c.accent, { opacity: 0.9 }),
    s("g", { transform: `rotate(${lean} 150 300)` },
      times(17, (at) => box(-60, 170 + at * 18, 420, 9.5, c.dark, { opacity: 0.94 }))),
    figure(x, 464, between(chance, 118, 150), c.dark), box(0, 448, 300, 12, c.dark)];
}

/** A window at night: who lives there is still awake. */
export function pane(c, chance) {
  const x = between(chance, 84, 128), y = 226, wide = 122, high = 158;
  const rain = () => {
    const [a, b] = [between(chance, -20, 300), between(chance, 190, 440)];
    return path(`M${a} ${b} l-7 24`, "none", { stroke: c.light, "stroke-width": 1.4, opacity: between(chance, 0.2, 0.6) });
  };
  return [box(0, 196, 300, 264, c.dark), times(10, (at) => box(0, 210 + at * 27, 300, 1.5, c.middle, { opacity: 0.4 })),
    box(x - 9, y - 9, wide + 18, high + 18, c.middle, { rx: 3 }), box(x, y, wide, high, c.accent),
    figure(x + wide * between(chance, 0.3, 0.7), y + high, between(chance, 58, 76), c.dark),
    path(`M${x} ${y} h26 q-4 80 -20 ${high} h-6 Z M${x + wide} ${y} h-26 q4 80 20 ${high} h6 Z`, c.light, { opacity: 0.8 }),
    box(x + wide / 2 - 2, y, 4, high, c.middle), box(x, y + high * 0.42, wide, 4, c.middle),
    box(x - 16, y + high + 8, wide + 32, 9, c.light, { rx: 2 }), times(46, rain)];
}

/** A staircase, looked down. */
export function spiral(c, chance) {
  const x = between(chance, 120, 180), y = between(chance, 300, 322), turn = between(chance, 0, 360);
  const ring = (at) => {
    const r = 186 * 0.8 ** at;
    const turned = { transform: `rotate(${turn + at * 38} ${x} ${y})` };
    return [disc(x, y, r, at % 2 ? c.middle : c.dark),
      path(`M${x} ${y} L${x + r} ${y} A${r} ${r} 0 0 1 ${x + r * Math.cos(1.1)} ${y + r * Math.sin(1.1)} Z`,
        at % 2 ? c.light : c.accent, { opacity: 0.85, ...turned })];
  };
  return [times(9, ring), disc(x, y, 22, c.ink), figure(x, y + 12, 18, c.dark)];
}

export function keyhole(c, chance) {
  const x = between(chance, 120, 180);
  return [times(6, (at) => disc(x, 296, 190 - at * 26, at % 2 ? c.middle : c.dark, { opacity: 0.75 })),
    path(`M${x - 26} 292 a34 34 0 1 1 52 0 l22 96 h-96 Z`, c.accent), figure(x, 388, 34, c.dark),
    path(`M${x - 48} 388 h96 L${x + 130} 460 H${x - 130} Z`, c.accent, { opacity: 0.4 })];
}

export function arches(c, chance) {
  const wide = 300 / (3 + Math.floor(chance() * 2));
  const arch = (at, y, k, fill) => {
    const x = at * wide + wide / 2, r = wide * 0.34 * k;
    return path(`M${x - r} 420 V${y} a${r} ${r} 0 0 1 ${2 * r} 0 V420 Z`, fill);
  };
  return [box(0, 212, 300, 250, c.light), box(0, 206, 300, 14, c.accent),
    times(5, (at) => [arch(at, 290, 1, c.dark), arch(at, 304, 0.78, c.middle),
      disc(at * wide + wide / 2, 366, wide * 0.2, c.accent)]),
    box(0, 396, 300, 60, c.dark), box(0, 390, 300, 9, c.accent)];
}

export function record(c, chance) {
  const x = between(chance, 130, 190), turned = { transform: `rotate(${between(chance, 0, 360)} ${x} 300)` };
  const gloss = `M${x} 300 L${x + 122} 268 A126 126 0 0 1 ${x + 122} 332 Z `
    + `M${x} 300 L${x - 122} 268 A126 126 0 0 0 ${x - 122} 332 Z`;
  return [disc(x, 300, 128, c.dark),
    times(7, (at) => disc(x, 300, 120 - at * 11, "none", { stroke: c.middle, "stroke-width": 1.4 })),
    path(gloss, c.ink, { opacity: 0.14, ...turned }),
    disc(x, 300, 42, c.accent), disc(x, 300, 27, c.light), disc(x, 300, 5, c.dark),
    times(16, (at) => {
      const tall = between(chance, 12, 78);
      return box(6 + at * 18.4, 452 - tall, 11, tall, at % 3 ? c.accent : c.ink, { rx: 5 });
    })];
}

/** A glass on a table, and what is in it. */
export function glass(c, chance) {
  const x = between(chance, 120, 180), tilt = { transform: `rotate(${between(chance, -7, 7)} ${x} 390)` };
  return [disc(x + pick([-44, 44], chance), 284, 72, c.accent, { opacity: 0.9 }), box(0, 392, 300, 70, c.dark),
    s("g", tilt,
      path(`M${x - 56} 216 H${x + 56} L${x + 8} 300 V378 H${x + 34} V388 H${x - 34} V378 H${x - 8} V300 Z`, c.ink,
        { opacity: 0.5 }),
      path(`M${x - 44} 238 H${x + 44} L${x + 6} 298 H${x - 6} Z`, c.light),
      path(`M${x - 14} 262 L${x + 52} 188`, "none", { stroke: c.ink, "stroke-width": 3.4 }),
      disc(x + 6, 250, 12, c.accent)), ridge(chance, 436, 8, c.middle, 3)];
}
