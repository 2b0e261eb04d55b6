// How long until what failed is asked for again: longer each time, and for nobody exactly as long as
// for another.

const MS_MIN = 1_000, MS_MAX = 30_000;

export function waitOf(tries, least = MS_MIN, most = MS_MAX) {
  return Math.min(most, least * 2 ** tries) * (0.5 + Math.random() / 2);
}
