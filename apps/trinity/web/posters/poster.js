// A poster for every title, drawn from its id and its genres: the same on every screen, without a
// picture from anywhere. Its lettering stands at the top, since cards write over the bottom.

import { COLOURS, GENRES, NO_GENRE } from "./colours.js";
import { box, pick, s } from "./marks.js";

const WIDTH = 300, HEIGHT = 450, MARGIN = 24;

const FACES = [
  { family: "Didot, 'Bodoni 72', 'Playfair Display', Georgia, ui-serif, serif", weight: 700, wide: 0.56, lead: 1.02 },
  { family: "Impact, Haettenschweiler, 'Arial Narrow Bold', 'Avenir Next Condensed', sans-serif", weight: 700, wide: 0.68,
    lead: 1.04, caps: true },
  { family: "ui-rounded, 'SF Pro Rounded', 'Hiragino Maru Gothic ProN', Nunito, system-ui, sans-serif", weight: 800,
    wide: 0.62, lead: 1.04 },
  { family: "Futura, 'Century Gothic', 'Avenir Next', system-ui, sans-serif", weight: 700, wide: 0.76, lead: 1.1, caps: true },
  { family: "Georgia, ui-serif, serif", weight: 700, wide: 0.58, lead: 1.02, italic: true },
];

let made = 0;

export function poster(title) {
  const { colours, drawing, chance } = drawn(title);
  const { dark, ink, accent } = colours;
  const id = `poster-${(made += 1)}`;
  const shape = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "xMidYMin slice" };
  return s("svg", { ...shape, role: "img", "aria-label": title.name },
    s("defs", sky(id, colours), fading(`${id}-top`, [[0, dark, 0.82], [1, dark, 0]])),
    box(0, 0, WIDTH, HEIGHT, `url(#${id}-sky)`),
    drawing,
    box(0, 0, WIDTH, 250, `url(#${id}-top)`),
    lettering(title, ink, accent, pick(FACES, chance)));
}

/** A square of the same picture, without its letters. */
export function thumbnail(title) {
  const { colours, drawing } = drawn(title);
  const id = `poster-${(made += 1)}`;
  return s("svg", { viewBox: "25 200 250 250", "aria-hidden": "true" },
    s("defs", sky(id, colours)), box(0, 0, WIDTH, HEIGHT, `url(#${id}-sky)`), drawing);
}

/** What a room looks like that has no match yet: a picture of its own. */
export function cover({ id, name, kind }) {
  const genres = kind === "list" ? [] : [pick(Object.keys(GENRES), chanceOf(id))];
  return thumbnail({ id, name, genres });
}

function drawn(title) {
  const chance = chanceOf(title.id + title.name);
  const genres = Object.keys(GENRES).filter((one) => title.genres?.includes(one));
  const genre = genres[Math.floor(chance() * Math.min(2, genres.length))];
  const [palettes, scenes] = GENRES[genre] ?? NO_GENRE;
  const [dark, middle, light, accent, ink] = COLOURS[pick(palettes, chance)];
  const colours = { dark, middle, light, accent, ink };
  return { colours, drawing: pick(scenes, chance)(colours, chance), chance };
}

function sky(id, { dark, middle, light }) {
  return fading(`${id}-sky`, [[0, dark], [0.42, middle], [1, light]]);
}

function fading(id, stops) {
  return s("linearGradient", { id, x1: 0, y1: 0, x2: 0, y2: 1 },
    stops.map(([offset, colour, opacity = 1]) => s("stop", { offset, "stop-color": colour, "stop-opacity": opacity })));
}

// -- letters

function lettering(title, ink, accent, face) {
  const words = face.caps ? title.name.toLocaleUpperCase() : title.name;
  const { size, lines } = fitted(words, face);
  const step = size * face.lead;
  const top = MARGIN + size * 0.86;
  const under = top + step * (lines.length - 1) + 20;
  return s("g",
    s("text", {
      fill: ink, "font-family": face.family, "font-weight": face.weight, "font-style": face.italic && "italic",
      "font-size": size.toFixed(1), "letter-spacing": face.caps ? 0.5 : -0.4,
    }, lines.map((line, at) => s("tspan", { x: MARGIN, y: (top + step * at).toFixed(1), ...held(line, size, face) }, line))),
    box(MARGIN, under, 34, 5, accent, { rx: 2.5 }),
    title.year && s("text", {
      x: MARGIN + 44, y: under + 7.5, fill: ink, opacity: 0.85, "font-family": "system-ui, sans-serif", "font-weight": 600,
      "font-size": 13, "letter-spacing": 1.6,
    }, title.year));
}

/** A font that is wider than was thought is pressed into the width there is. */
function held(line, size, face) {
  const guess = breadth(line, face) * size;
  const wide = WIDTH - 2 * MARGIN;
  return guess > wide * 0.86 ? { textLength: wide, lengthAdjust: "spacingAndGlyphs" } : {};
}

/** As large as it can be in at most five lines, without breaking a word that fits. */
function fitted(text, face) {
  for (let size = 66; ; size -= 2) {
    const lines = wrapped(text, face, (WIDTH - 2 * MARGIN) / size);
    const isNarrow = lines.every((line) => breadth(line, face) * size <= WIDTH - 2 * MARGIN);
    if ((isNarrow && lines.length * size * face.lead <= 172) || size <= 16) return { size, lines: lines.slice(0, 9) };
  }
}

function wrapped(text, face, room) {
  const lines = [];
  for (const word of text.split(/\s+/).filter(Boolean).flatMap((one) => split(one, face, room))) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && breadth(longer, face) <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** A word that is longer than any line could be is cut. */
function split(word, face, room) {
  const fits = Math.max(1, Math.floor(room / face.wide));
  return room > 12 && word.length > fits ? word.match(new RegExp(`.{1,${fits}}`, "gu")) : [word];
}

/** Of a line, in heights of its letters: roughly, as every machine has other fonts. */
function breadth(line, face) {
  let sum = 0;
  for (const one of line) {
    if (/[ .,:;'!|iljtI()]/.test(one)) sum += 0.52;
    else if (/[mwMW@]/.test(one)) sum += 1.42;
    else if (/[\u2E80-\u{1FFFF}]/u.test(one)) sum += 1.75;
    else sum += /[A-Z0-9]/.test(one) && !face.caps ? 1.14 : 1;
  }
  return sum * face.wide;
}

// -- chance that is the same everywhere

function chanceOf(text) {
  let state = 2166136261;
  for (const one of text) state = Math.imul(state ^ one.codePointAt(0), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
