// Scenes under the sky. Each is `(colours, chance) => shapes`.

import { between, box, disc, figure, path, peaks, pick, ridge, s, stars, times, waves } from "./marks.js";

export function planets(c, chance) {
  const x = between(chance, 110, 200), y = between(chance, 275, 320), r = between(chance, 74, 104);
  const turned = { transform: `rotate(${between(chance, -28, 28)} ${x} ${y})` };
  const shade = `M${x - r} ${y} A${r} ${r} 0 0 0 ${x + r} ${y} A${r * 1.3} ${r * 0.75} 0 0 1 ${x - r} ${y}`;
  return [stars(chance, c.ink), disc(x, y, r + 26, c.accent, { opacity: 0.12 }), disc(x, y, r, c.accent),
    path(shade, c.dark, { opacity: 0.32, ...turned }),
    s("ellipse", { cx: x, cy: y, rx: r * 1.62, ry: r * 0.3, fill: "none", stroke: c.ink, "stroke-width": 5,
      opacity: 0.9, "stroke-dasharray": `${r * 2.75} ${r * 1.1} ${r * 3.4} 0`, ...turned }),
    disc(between(chance, 30, 80), between(chance, 190, 240), between(chance, 9, 17), c.light),
    ridge(chance, 425, 34, c.dark, 3)];
}

/** A small ship over a strange ground. */
export function landing(c, chance) {
  const x = between(chance, 90, 210), y = between(chance, 228, 256);
  return [stars(chance, c.ink, 60), disc(300 - x, 250, between(chance, 26, 44), c.light, { opacity: 0.9 }),
    path(`M${x - 26} ${y + 8} L${x - 84} 420 L${x + 84} 420 L${x + 26} ${y + 8} Z`, c.accent, { opacity: 0.28 }),
    s("ellipse", { cx: x, cy: y, rx: 52, ry: 13, fill: c.accent }),
    path(`M${x - 26} ${y - 6} a26 22 0 0 1 52 0 Z`, c.ink, { opacity: 0.92 }),
    times(5, (at) => disc(x - 34 + at * 17, y + 2, 2.6, c.dark)),
    ridge(chance, 396, 40, c.middle, 4), figure(x, 420, 34, c.dark), ridge(chance, 424, 22, c.dark, 3)];
}

export function haunted(c, chance) {
  const x = between(chance, 110, 190);
  const bat = () => {
    const [a, b] = [between(chance, 60, 240), between(chance, 205, 270)];
    return path(`M${a} ${b} q8 -9 14 0 q6 -9 14 0 q-8 1 -14 8 q-6 -7 -14 -8`, c.dark);
  };
  const tree = (at) => {
    const x = -10 + at * 27 + between(chance, -8, 8), top = between(chance, 240, 350);
    const [right, left] = [between(chance, 12, 26), between(chance, 12, 26)];
    return path(`M${x - 3} 460 L${x} ${top} L${x + 3} 460 Z M${x} ${top + 44} l${right} -20 l-${right * 0.6} 28 Z `
      + `M${x} ${top + 62} l-${left} -16 l${left * 0.7} 26 Z`, c.dark);
  };
  return [disc(x, 270, 108, c.accent, { opacity: 0.16 }), disc(x, 270, 84, c.accent),
    disc(x - 26, 250, 14, c.light, { opacity: 0.35 }), disc(x + 24, 292, 22, c.light, { opacity: 0.3 }),
    times(4, bat), times(13, tree), ridge(chance, 415, 20, c.dark)];
}

export function mesas(c, chance) {
  const x = between(chance, 90, 210);
  return [times(3, (at) => disc(x, 330, 70 + at * 26, c.accent, { opacity: at ? 0.16 : 1 })),
    path("M-10 345 L20 345 L34 262 L92 258 L104 345 L196 345 L206 290 L264 286 L276 345 L310 345 V460 H-10 Z", c.light),
    path("M-10 372 L130 372 L140 300 L176 296 L184 318 L214 316 L226 372 L310 376 V460 H-10 Z", c.middle),
    path("M46 420 v-58 q0 -8 7 -8 t7 8 v20 h9 v-16 q0 -6 5 -6 t5 6 v26 h-19 v28 Z", c.dark),
    ridge(chance, 412, 20, c.dark)];
}

export function city(c, chance) {
  const lamp = between(chance, 60, 240);
  return [disc(between(chance, 60, 240), 240, between(chance, 38, 60), c.accent, { opacity: 0.95 }),
    houses(chance, 0, c.middle), houses(chance, 60, c.dark, c.accent),
    path(`M${lamp} 170 L${lamp - 130} 470 L${lamp - 20} 470 Z`, c.ink, { opacity: 0.1 })];
}

function houses(chance, lower, fill, lit = null) {
  const found = [];
  for (let x = -6; x < 306; ) {
    const wide = between(chance, 24, 50), top = between(chance, 225, 320) + lower;
    found.push(box(x, top, wide, 460 - top, fill), lit && windows(chance, x, top, wide, lit));
    x += wide + between(chance, 0, 5);
  }
  return found;
}

function windows(chance, x, top, wide, fill) {
  const columns = Math.max(0, Math.floor((wide - 14) / 11) + 1), rows = Math.ceil((430 - top) / 15);
  return times(columns * rows, (at) => chance() < 0.24
    && box(x + 6 + (at % columns) * 11, top + 10 + Math.floor(at / columns) * 15, 5, 7, fill, { opacity: 0.9 }));
}

/** A road at night, to where it meets the sky. */
export function road(c, chance) {
  const x = between(chance, 110, 190), sky = 286;
  const dash = (at) => {
    const [near, far] = [at ** 1.7 * 4, at ** 1.7 * 4 + at * 4 + 3];
    const wide = (y) => 0.5 + y * 0.028;
    return path(`M${x - wide(near)} ${sky + near} L${x + wide(near)} ${sky + near} `
      + `L${x + wide(far)} ${sky + far} L${x - wide(far)} ${sky + far} Z`, c.accent);
  };
  return [disc(x, sky - 6, between(chance, 44, 62), c.accent), disc(x, sky - 6, 96, c.accent, { opacity: 0.18 }),
    peaks(chance, sky + 4, 52, c.middle, 5), box(0, sky, 300, 180, c.dark),
    path(`M${x - 3} ${sky} L${x + 3} ${sky} L${x + 170} 460 L${x - 170} 460 Z`, c.middle, { opacity: 0.55 }),
    times(8, dash), times(4, (at) => {
      const far = 1 - at / 4, y = sky + 10 + at * at * 12;
      return path(`M${x + 20 + at * 36} ${y} v${-26 - at * 22} h${-8 - at * 6}`, "none",
        { stroke: c.light, "stroke-width": 1.2 + at * 0.9, opacity: 1 - far * 0.5 });
    })];
}

/** A lighthouse over a sea that is not calm. */
export function lighthouse(c, chance) {
  const isLeft = chance() < 0.5, x = isLeft ? between(chance, 60, 100) : between(chance, 200, 240);
  const far = isLeft ? 340 : -40, y = 236;
  const stripe = (at) => {
    const [top, low] = [y + 26 + at * 46, y + 49 + at * 46], side = (h) => 13 + (h - y) * 0.07;
    return path(`M${x - side(top)} ${top} H${x + side(top)} L${x + side(low)} ${low} H${x - side(low)} Z`, c.accent);
  };
  return [stars(chance, c.ink, 24), path(`M${x} ${y} L${far} ${y - 74} V${y + 60} Z`, c.accent, { opacity: 0.35 }),
    path(`M${x - 13} ${y + 8} h26 l12 180 h-50 Z`, c.ink), times(4, stripe),
    box(x - 17, y + 4, 34, 6, c.dark, { rx: 2 }), box(x - 9, y - 16, 18, 20, c.accent, { rx: 2 }),
    path(`M${x - 12} ${y - 16} L${x} ${y - 32} L${x + 12} ${y - 16} Z`, c.dark),
    ridge(chance, 392, 34, c.dark, 4), waves(chance, 398, [c.light, c.middle, c.dark])];
}

export function meadow(c, chance) {
  const x = between(chance, 70, 230), bx = between(chance, 90, 210), by = between(chance, 215, 245);
  const ropes = `M${bx - 10} ${by + 32} L${bx - 7} ${by + 44} M${bx + 10} ${by + 32} L${bx + 7} ${by + 44}`;
  return [disc(300 - x, 290, 62, c.accent), cloud(between(chance, 10, 60), 250, 0.9, c.ink),
    cloud(between(chance, 180, 230), 292, 0.7, c.ink),
    path(`M${bx} ${by - 42} c-44 0 -46 50 -12 74 h24 c34 -24 32 -74 -12 -74`, c.light),
    path(`M${bx} ${by - 42} c-16 0 -18 50 -5 74 h10 c13 -24 11 -74 -5 -74`, c.accent),
    box(bx - 8, by + 42, 16, 12, c.dark, { rx: 3 }), path(ropes, "none", { stroke: c.dark, "stroke-width": 1.6 }),
    ridge(chance, 356, 52, c.light, 3), ridge(chance, 388, 46, c.middle, 2), ridge(chance, 424, 34, c.dark, 3)];
}

function cloud(x, y, k, fill) {
  return s("g", { fill, opacity: 0.9 }, disc(x, y, 15 * k, null), disc(x + 19 * k, y - 7 * k, 19 * k, null),
    disc(x + 40 * k, y, 14 * k, null), box(x - 4 * k, y, 50 * k, 15 * k, null, { rx: 7 * k }));
}

/** A boat of paper on a wide water. */
export function boat(c, chance) {
  const x = between(chance, 90, 210), y = 352;
  return [disc(between(chance, 70, 230), 276, between(chance, 50, 70), c.accent),
    times(3, (at) => box(between(chance, 20, 200), 250 + at * 22, between(chance, 40, 90), 4, c.ink, { rx: 2, opacity: 0.4 })),
    waves(chance, 338, [c.light]), path(`M${x - 4} ${y - 64} L${x - 44} ${y} H${x - 4} Z`, c.ink),
    path(`M${x + 4} ${y - 52} L${x + 34} ${y} H${x + 4} Z`, c.ink, { opacity: 0.8 }),
    path(`M${x - 58} ${y + 6} H${x + 54} L${x + 32} ${y + 36} H${x - 38} Z`, c.dark),
    waves(chance, 374, [c.middle, c.dark])];
}

export function front(c, chance) {
  const beam = (x, lean) => path(`M${x} 400 L${x + lean - 34} 120 L${x + lean + 34} 120 Z`, c.ink, { opacity: 0.16 });
  return [beam(70, between(chance, -40, 60)), beam(220, between(chance, -80, 30)),
    disc(between(chance, 80, 220), 330, 54, c.accent),
    ridge(chance, 350, 46, c.light, 4), ridge(chance, 382, 40, c.middle, 3), ridge(chance, 412, 26, c.dark, 4),
    times(7, (at) => path(`M${at * 46 + 4} 424 l6 -44 l6 44 Z M${at * 46 - 8} 400 h40 v3 h-40 Z`, c.dark))];
}

export function castle(c, chance) {
  const x = between(chance, 110, 190);
  const tower = (tx, top, wide) => path(`M${tx - wide} 420 V${top} h${wide * 2} V420 Z `
    + `M${tx - wide - 4} ${top} L${tx} ${top - wide * 2.8} L${tx + wide + 4} ${top} Z`, c.dark);
  return [stars(chance, c.ink, 30), disc(300 - x, 262, 60, c.accent), disc(300 - x + 20, 250, 52, c.middle, { opacity: 0.55 }),
    peaks(chance, 400, 130, c.light, 4), tower(x, 296, 13), tower(x - 34, 330, 10), tower(x + 32, 322, 11),
    tower(x + 58, 352, 8), box(x - 44, 356, 108, 70, c.dark),
    times(4, (at) => box(x - 30 + at * 20, 366 + (at % 2) * 12, 5, 9, c.accent, { rx: 2 })),
    ridge(chance, 408, 32, c.dark, 3)];
}

export function summit(c, chance) {
  const trail = "M128 460 C150 430 118 420 146 404 C170 390 140 382 152 366 L158 366 "
    + "C150 382 184 390 164 406 C142 424 180 432 176 460 Z";
  return [disc(between(chance, 70, 230), 265, 56, c.accent), peaks(chance, 400, 175, c.middle, 3, c.ink),
    peaks(chance, 430, 95, c.dark, 4), path(trail, pick([c.accent, c.light], chance))];
}
