// How long until what failed is asked for again: longer each time, and for nobody exactly as long as
// for another.

export function waitOf(tries, most, least) {
  return Math.min(most, least * 2 ** tries) * (0.5 + Math.random() / 2);
}
