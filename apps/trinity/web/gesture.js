// What a finger means: where the card is while it is held, what it decides when it is let go, and
// how it flies or swings back. Only numbers here; the screen puts them on elements.

const TRACKED_MS = 90; // the speed of a throw is that of its end
const THROWN = 0.55; // px a millisecond
const REACH_X = 0.3, REACH_Y = 0.22; // of the card's sides, when it is pushed and not thrown
const TILT_DEG = 13;
const STIFFNESS = 210, DAMPING = 21; // of the spring that brings it back: it swings over once

/** The way a choice leaves, which is also the way it is thrown. */
const WAYS = {
  like: { x: 1, y: 0 },
  nope: { x: -1, y: 0 },
  super: { x: 0, y: -1 },
  veto: { x: -1, y: 0.4 },
  skip: { x: 0, y: 1 },
};

/** Follows one pointer; `at` is in milliseconds. */
export class Hold {
  #samples = [];

  constructor(x, y, at, grip) {
    this.from = { x, y };
    this.grip = grip; // 1 when it is held above its middle, -1 below: it turns the other way
    this.move(x, y, at);
  }

  move(x, y, at) {
    this.dx = x - this.from.x;
    this.dy = y - this.from.y;
    this.#samples.push({ x, y, at });
    while (this.#samples.length > 2 && at - this.#samples[0].at > TRACKED_MS) this.#samples.shift();
  }

  /** Of the last moments; a finger that rests before it lets go throws nothing. */
  velocity(at) {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    const lasted = last.at - first.at;
    if (!lasted || at - last.at > TRACKED_MS) return { x: 0, y: 0 };
    return { x: (last.x - first.x) / lasted, y: (last.y - first.y) / lasted };
  }
}

/** What it would be if it were let go here: the choice and how sure, from 0 to 1. */
export function leaning(dx, dy, { width, height }, can) {
  const across = dx / (width * REACH_X);
  const along = dy / (height * REACH_Y);
  const [choice, amount] = Math.abs(across) >= Math.abs(along)
    ? [across > 0 ? "like" : "nope", Math.abs(across)]
    : [along > 0 ? "skip" : "super", Math.abs(along)];
  return can(choice) ? { choice, amount: Math.min(1, amount) } : { choice: null, amount: 0 };
}

/** What it is: pushed far enough, or thrown, and not thrown back. */
export function decided(dx, dy, velocity, size, can) {
  const isAcross = Math.abs(dx) >= Math.abs(dy);
  const [moved, speed] = isAcross ? [dx, velocity.x] : [dy, velocity.y];
  const isBack = Math.sign(speed) !== Math.sign(moved) && Math.abs(speed) > THROWN / 2;
  const { choice, amount } = leaning(dx, dy, size, can);
  const isThrown = Math.abs(speed) > THROWN && Math.abs(moved) > 24;
  return choice && !isBack && (amount === 1 || isThrown) ? choice : null;
}

export function tilt(dx, width, grip = 1) {
  return Math.max(-1.6, Math.min(1.6, dx / (width * 0.5))) * TILT_DEG * grip;
}

/** Where it goes when it leaves, and how long that takes: as fast as it was thrown. */
export function flight(choice, from, velocity, size) {
  const way = WAYS[choice];
  const far = Math.hypot(size.width, size.height) * 1.15;
  const x = way.x ? way.x * far : from.x * 1.6 + velocity.x * 120;
  const y = way.y ? way.y * far : from.y * 1.6 + velocity.y * 160;
  const speed = Math.max(1.5, Math.min(4, Math.hypot(velocity.x, velocity.y)));
  const distance = Math.hypot(x - from.x, y - from.y);
  return { x, y, duration: Math.max(180, Math.min(420, distance / speed)) };
}

/** The card on its spring, one step of `seconds` later; null when it has come to rest. */
export function swung({ x, y, vx, vy }, seconds) {
  const step = Math.min(seconds, 1 / 30);
  const speed = (position, velocity) =>
    velocity + (-STIFFNESS * position - DAMPING * velocity) * step;
  const [nextVx, nextVy] = [speed(x, vx), speed(y, vy)];
  const next = { x: x + nextVx * step, y: y + nextVy * step, vx: nextVx, vy: nextVy };
  const isStill = Math.hypot(next.x, next.y) < 0.4 && Math.hypot(nextVx, nextVy) < 8;
  return isStill ? null : next;
}
