// A poster for every title, drawn from its id and its genres: the same on every screen, without a
// picture from anywhere. Its lettering stands at the top, since cards write over the bottom.

import { scenes, shapes } from "./scenes.js";
import { s } from "./ui.js";

const WIDTH = 300, HEIGHT = 450, MARGIN = 24;

// Dark, middle, light, accent, and what is written with.
const COLOURS = {
  dusk: ["#1b1740", "#5a2a6e", "#e0567a", "#ffb26b", "#fff1dc"],
  sea: ["#06283d", "#0f5c7a", "#3fb8af", "#ffd166", "#f3fff8"],
  ember: ["#2a0c14", "#7a1f22", "#e2552f", "#ffb443", "#fff0d6"],
  wood: ["#0e2320", "#1f5146", "#7fae68", "#f0d78c", "#fbf8e6"],
  night: ["#0d0f14", "#2a2f3a", "#7d8597", "#f2c14e", "#f7f3e8"],
  rose: ["#3a0f2e", "#8e2a5b", "#f2789f", "#ffd3c2", "#fff6f0"],
  ice: ["#0c1b3a", "#2f5fa3", "#8ec5ea", "#f4d58d", "#ffffff"],
  sand: ["#3d1f14", "#94482a", "#e9a15b", "#ffe0a3", "#fff8e8"],
  moss: ["#10151f", "#214b3b", "#8fcf5d", "#f2f58a", "#f8fff0"],
  sweet: ["#2d1b69", "#6b35cf", "#ff7ac6", "#ffe66d", "#fff9f0"],
  blood: ["#12060a", "#4a0d1a", "#b5152b", "#ff6b5e", "#fbeae4"],
  harbour: ["#131c2b", "#2c4a63", "#e76f51", "#f4b261", "#fdf3e3"],
};
const ALL = Object.keys(COLOURS);

// The genres that say most of a picture come first.
const MOODS = {
  western: ["sand", "ember"], science_fiction: ["dusk", "sea", "moss", "ice"], horror: ["blood", "night", "moss"],
  music: ["sweet", "rose", "dusk"], war: ["night", "wood", "ember"], animation: ["sweet", "sea", "moss", "rose"],
  fantasy: ["dusk", "ice", "wood"], documentary: ["sea", "wood", "harbour"], romance: ["rose", "dusk", "harbour"],
  history: ["sand", "harbour", "wood"], family: ["sea", "sweet", "ice"], mystery: ["night", "dusk", "ice"],
  adventure: ["harbour", "sea", "sand", "wood"], crime: ["night", "harbour", "blood"], comedy: ["sweet", "harbour", "sea", "rose"],
  action: ["ember", "harbour", "blood"], thriller: ["night", "blood", "ice"], drama: ["harbour", "dusk", "wood", "sand"],
};

const FACES = [
  { family: "Didot, 'Bodoni 72', 'Playfair Display', Georgia, ui-serif, serif", weight: 700, wide: 0.56, caps: false, lead: 1.02 },
  { family: "Impact, Haettenschweiler, 'Arial Narrow Bold', 'Avenir Next Condensed', sans-serif", weight: 700, wide: 0.68, caps: true, lead: 1.04 },
  { family: "ui-rounded, 'SF Pro Rounded', 'Hiragino Maru Gothic ProN', Nunito, system-ui, sans-serif", weight: 800, wide: 0.62, caps: false, lead: 1.04 },
  { family: "Futura, 'Century Gothic', 'Avenir Next', system-ui, sans-serif", weight: 700, wide: 0.76, caps: true, lead: 1.1 },
  { family: "Georgia, ui-serif, serif", weight: 700, wide: 0.58, caps: false, lead: 1.02, italic: true },
];

let made = 0;

export function poster(title) {
  const chance = chanceOf(title.id + title.name);
  const genres = Object.keys(MOODS).filter((one) => title.genres?.includes(one));
  const genre = genres[Math.floor(chance() * Math.min(2, genres.length))];
  const [dark, middle, light, accent, ink] = COLOURS[pick(MOODS[genre] ?? ALL, chance)];
  const colours = { dark, middle, light, accent, ink };
  const id = `poster-${(made += 1)}`;
  return s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "xMidYMid slice", role: "img", "aria-label": title.name },
    s("defs",
      fading(`${id}-sky`, [[0, dark], [0.42, middle], [1, light]]),
      fading(`${id}-top`, [[0, dark, 0.82], [1, dark, 0]])),
    rect(0, 0, WIDTH, HEIGHT, `url(#${id}-sky)`),
    (scenes[genre] ?? shapes)(colours, chance),
    rect(0, 0, WIDTH, 250, `url(#${id}-top)`),
    lettering(title, ink, accent, pick(FACES, chance)));
}

function rect(x, y, width, height, fill) {
  return s("rect", { x, y, width, height, fill });
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
    s("text", { fill: ink, "font-family": face.family, "font-weight": face.weight, "font-style": face.italic ? "italic" : null, "font-size": size.toFixed(1), "letter-spacing": face.caps ? 0.5 : -0.4 },
      lines.map((line, at) => s("tspan", { x: MARGIN, y: (top + step * at).toFixed(1), ...held(line, size, face) }, line))),
    s("rect", { x: MARGIN, y: under, width: 34, height: 5, rx: 2.5, fill: accent }),
    title.year && s("text", { x: MARGIN + 44, y: under + 7.5, fill: ink, opacity: 0.85, "font-family": "system-ui, sans-serif", "font-weight": 600, "font-size": 13, "letter-spacing": 1.6 }, title.year));
}

/** A font that is wider than was thought is pressed into the width there is. */
function held(line, size, face) {
  const guess = breadth(line, face) * size;
  return guess > (WIDTH - 2 * MARGIN) * 0.86 ? { textLength: WIDTH - 2 * MARGIN, lengthAdjust: "spacingAndGlyphs" } : {};
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

function pick(from, chance) {
  return from[Math.floor(chance() * from.length)];
}
