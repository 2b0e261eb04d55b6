// The pile: the card on top, which is dragged, thrown, or sent away by a key, and the next three
// below it, which are there already when their turn comes.

import { decided, flight, Hold, leaning, swung, tilt } from "./gesture.js";
import { t } from "./i18n.js";
import { facts, line, poster, rating } from "./titles.js";
import { h } from "./ui.js";

export const PREPARED = 3;
const STAMPS = ["like", "nope", "super", "skip", "veto"];
const STILL = { x: 0, y: 0 };
const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** `can(choice)` says what may be chosen now; `chosen(choice)` is told what was, by a finger. */
export class Pile {
  element = h(".pile");
  #can; #chosen; #cards = new Map(); #hold = null; #frame = 0; #wasSure = false;

  constructor({ can, chosen }) {
    this.#can = can;
    this.#chosen = chosen;
    const { element } = this;
    element.addEventListener("pointerdown", (event) => this.#take(event));
    element.addEventListener("pointermove", (event) => this.#drag(event));
    element.addEventListener("pointerup", (event) => this.#drop(event));
    element.addEventListener("pointercancel", () => this.#letGo());
  }

  /** These, the first on top. */
  show(titles) {
    const wanted = titles.slice(0, PREPARED + 1);
    const ids = new Set(wanted.map((one) => one.id));
    for (const [id, card] of this.#cards)
      if (!ids.has(id)) (this.#cards.delete(id), card.remove());
    wanted.forEach((title, depth) => {
      if (!this.#cards.has(title.id)) {
        const card = made(title);
        this.#cards.set(title.id, card);
        this.element.prepend(card);
      }
      const card = this.#cards.get(title.id);
      card.dataset.depth = String(depth);
      card.inert = depth > 0;
    });
    this.element.style.setProperty("--lift", "0");
  }

  /** Away with the top card; what comes next is shown at once, so that nobody waits for it. */
  send(choice, next, from = STILL, velocity = STILL) {
    const card = this.#top;
    cancelAnimationFrame(this.#frame);
    this.#cards.delete(card.dataset.id);
    card.classList.add("leaving");
    card.inert = true;
    stamp(card, choice, 1);
    this.show(next);
    const to = flight(choice, from, velocity, this.#size);
    const turned = choice === "like" || choice === "nope" || choice === "veto";
    const end = { x: to.x, y: to.y, turn: turned ? tilt(to.x, this.#size.width, this.#hold?.grip) * 0.8 : 0 };
    const frames = isCalm()
      ? [{ opacity: 1 }, { opacity: 0 }]
      : [{ transform: card.style.transform || "none" }, { transform: pose(end) }];
    const easing = Math.hypot(velocity.x, velocity.y) > 0.3 ? "linear" : "cubic-bezier(.5, 0, .75, .4)";
    const duration = isCalm() ? 160 : to.duration;
    card.animate(frames, { duration, easing, fill: "forwards" }).finished.finally(() => card.remove());
  }

  /** From where it went. */
  bringBack(titles, choice) {
    this.show(titles);
    const card = this.#top;
    card.classList.add("returning");
    const to = flight(choice, STILL, STILL, this.#size);
    const from = isCalm() ? { opacity: 0 } : { transform: pose({ ...to, turn: tilt(to.x, this.#size.width) }) };
    const end = isCalm() ? { opacity: 1 } : { transform: "none" };
    card.animate([from, end], { duration: 420, easing: "cubic-bezier(.2, .9, .25, 1.08)" })
      .finished.finally(() => card.classList.remove("returning"));
  }

  get #top() {
    return this.element.querySelector('.swipe-card[data-depth="0"]:not(.leaving)');
  }

  get #size() {
    return { width: this.element.clientWidth || 1, height: this.element.clientHeight || 1 };
  }

  // -- a finger, or a mouse

  #take(event) {
    const card = this.#top;
    if (!event.isPrimary || event.button || !card?.contains(event.target) || this.#hold) return;
    cancelAnimationFrame(this.#frame);
    const box = card.getBoundingClientRect();
    const grip = event.clientY < box.top + box.height * 0.6 ? 1 : -1;
    this.#hold = new Hold(event.clientX, event.clientY, event.timeStamp, grip);
    this.element.setPointerCapture(event.pointerId);
    this.element.classList.add("held");
  }

  #drag(event) {
    const hold = this.#hold;
    if (!hold || !event.isPrimary) return;
    hold.move(event.clientX, event.clientY, event.timeStamp);
    this.#place(hold.dx, hold.dy, hold.grip);
  }

  #drop(event) {
    const hold = this.#hold;
    if (!hold || !event.isPrimary) return;
    const velocity = hold.velocity(event.timeStamp);
    const choice = decided(hold.dx, hold.dy, velocity, this.#size, this.#can);
    if (Math.hypot(hold.dx, hold.dy) < 6) this.#top.classList.toggle("told"); // a tap: the whole line
    this.element.classList.remove("held");
    if (choice) this.#chosen(choice, { x: hold.dx, y: hold.dy }, velocity);
    else this.#swing({ x: hold.dx, y: hold.dy, vx: velocity.x * 1000, vy: velocity.y * 1000 }, hold.grip);
    this.#hold = null;
  }

  #letGo() {
    if (!this.#hold) return;
    const { dx, dy, grip } = this.#hold;
    this.#hold = null;
    this.element.classList.remove("held");
    this.#swing({ x: dx, y: dy, vx: 0, vy: 0 }, grip);
  }

  #place(x, y, grip) {
    const card = this.#top;
    if (!card) return;
    const { choice, amount } = leaning(x, y, this.#size, this.#can);
    card.style.transform = pose({ x, y, turn: isCalm() ? 0 : tilt(x, this.#size.width, grip) });
    stamp(card, choice, amount);
    this.element.style.setProperty("--lift", String(amount));
    const isSure = amount === 1;
    if (isSure && !this.#wasSure) navigator.vibrate?.(8);
    this.#wasSure = isSure;
  }

  #swing(state, grip, at = performance.now()) {
    const step = (now) => {
      const next = isCalm() ? null : swung(state, (now - at) / 1000);
      this.#place(next?.x ?? 0, next?.y ?? 0, grip);
      if (next) this.#swing(next, grip, now);
      else this.#top?.style.removeProperty("transform");
    };
    this.#frame = requestAnimationFrame(step);
  }
}

function made(title) {
  return h("article.swipe-card", { dataset: { id: title.id }, "aria-label": title.name },
    h(".swipe-poster", { "aria-hidden": "true" }, poster(title)),
    h(".swipe-words",
      h("h2", title.name),
      h("p.swipe-facts", rating(title), facts(title)),
      line(title) && h("p.swipe-line", line(title))),
    STAMPS.map((one) => h(".stamp", { dataset: { choice: one }, "aria-hidden": "true" }, t(`stamp.${one}`))));
}

function stamp(card, choice, amount) {
  for (const one of STAMPS) {
    const element = card.querySelector(`.stamp[data-choice="${one}"]`);
    element.style.opacity = one === choice ? String(Math.min(1, amount * 1.15)) : "0";
  }
}

function pose({ x, y, turn }) {
  return `translate3d(${x.toFixed(1)}px, ${y.toFixed(1)}px, 0) rotate(${turn.toFixed(2)}deg)`;
}
