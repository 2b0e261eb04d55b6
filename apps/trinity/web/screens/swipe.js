// Where one swipes: by finger, mouse or key. A swipe is shown at once and kept until the server has
// heard it; who has seen everything waits here for the others.

import { Problem } from "../api.js";
import { Pile, PREPARED } from "../cards.js";
import { choiceBar, KEYS, legend } from "../choicebar.js";
import { countdown } from "../countdown.js";
import { crew, faces, kept, meter } from "../crew.js";
import { Deck } from "../deck.js";
import { t, why } from "../i18n.js";
import { isGoing, takesVotes } from "../live.js";
import { paused, through, watching } from "../resting.js";
import { roomHead } from "../roomhead.js";
import { swipesOf } from "../swipes.js";
import { credit, genreNames } from "../titles.js";
import { announce, fill, h, icon, toast } from "../ui.js";
import { waitOf } from "../waits.js";

const PREPARES_MS = 300; // after the pile, so that it comes first
const SLOW_MS = 1_500; // until a swipe that is not heard is spoken of

export default async function swipe(ctx, live) {
  const [deck] = await Promise.all([dealt(ctx, live), genreNames(ctx.api)]);
  setTimeout(prepare, PREPARES_MS);
  return new Swiping(ctx, live, deck).element;
}

/** Makes the deck: what the server says, and what was or will be said to it from here by then. */
async function dealt(ctx, live) {
  const queue = swipesOf(ctx.me.id, live.id);
  const before = queue.heard.length;
  const { titles } = await ctx.api.get(`/rooms/${live.id}/deck`, { signal: ctx.signal });
  return () => new Deck(titles, [...queue.heard.slice(before), ...queue.entries]);
}

/** What may come next is here by then: the match waits for no file. */
function prepare() {
  for (const name of ["match", "shortlist", "stalemate"]) import(`./${name}.js`).catch(() => {});
}

class Swiping {
  #ctx; #live; #deck; #queue; #pile; #count; #bar; #middle; #waits; #slow; #found; #unread; #tries = 0;
  #isBefore; // the last swipe is one of an earlier visit, of which only the server knows

  constructor(ctx, live, deck) {
    this.#ctx = ctx;
    this.#live = live;
    this.#queue = swipesOf(ctx.me.id, live.id);
    this.#pile = new Pile({ can: (choice) => this.#can(choice), chosen: (...how) => this.#choose(...how) });
    this.#begin(deck());
    this.element = this.#made();
    this.#found = live.room.matches.length;
    live.on("room", (room) => this.#changed(room));
    live.on("connection", (state) => state === "connected" && this.#say());
    ctx.onLeave(() => clearTimeout(this.#unread));
    ctx.onLeave(this.#queue.tell({
      answered: (_, answer) => answer?.match && live.refresh(),
      dropped: (entry) => this.#dropped(entry),
      refused: () => this.#anew(),
      changed: (length) => this.#waiting(length),
    }));
    document.addEventListener("keydown", (event) => this.#key(event), { signal: ctx.signal });
    this.#say();
    this.#show();
  }

  #begin(deck) {
    this.#deck = deck;
    this.#isBefore = !this.#queue.entries.length;
  }

  /** How many are left of what is counted. */
  #tokens() {
    const { supers, vetoes } = this.#live.room.rules;
    return { super: supers - this.#deck.spent("super"), veto: vetoes - this.#deck.spent("veto") };
  }

  // -- what one sees

  #made() {
    const { room } = this.#live;
    this.#count = h(".count");
    this.#middle = h(".pile-place");
    this.#waits = h("p.pill.queue-pill", { role: "status", hidden: true });
    this.#bar = choiceBar(room.rules, (name) => (name === "undo" ? this.#undo() : this.#choose(name)));
    const clock = countdown(() => this.#live.room.closes_at, this.#ctx.signal);
    return h(".screen.swiping",
      roomHead(this.#ctx, this.#live, { below: h(".row.swipe-state", this.#count, clock) }),
      h("aside.swipe-crew", kept(this.#live, (now) => h("div", h(".only-narrow", faces(now)),
        h(".only-wide", h("h2.kicker", t("crew.title")), crew(now, this.#ctx.me.id))))),
      h(".swipe-main", this.#middle, this.#waits, this.#bar.element, credit(this.#deck.titles)),
      h("aside.swipe-keys.only-wide", h("h2.kicker", t("swipe.keys")), legend(room.rules)));
  }

  #show() {
    const { room } = this.#live;
    const place = !room.me.is_voter ? "watching" : this.#deck.isDone ? "through" : "pile";
    if (this.#middle.dataset.shows !== place) {
      this.#middle.dataset.shows = place;
      fill(this.#middle, place === "pile" ? this.#pile.element : this.#rest(place));
    }
    if (place === "pile" && !this.#pile.element.childElementCount) this.#pile.show(this.#next());
    this.element.classList.toggle("paused", room.status === "paused");
    this.#middle.querySelector(".paused-card")?.remove();
    if (room.status === "paused") this.#middle.append(paused(this.#ctx, this.#live));
    this.#pile.element.inert = room.status === "paused";
    this.#counts();
    this.#bar.show((name) => this.#can(name), this.#tokens());
  }

  #counts() {
    const { voted, size } = this.#deck;
    fill(this.#count, h("span.numbers", `${Math.min(voted + 1, size)} / ${size}`),
      meter(Math.round((100 * voted) / size), t("swipe.progress", { n: voted, size })));
  }

  #rest(place) {
    return place === "watching" ? watching() : through(this.#live, this.#ctx.me.id, this.#deck.liked());
  }

  #next() {
    return this.#deck.next(PREPARED + 1);
  }

  // -- what one does

  #can(name) {
    const { me } = this.#live.room;
    if (!takesVotes(this.#live.room) || !me.is_voter) return false;
    if (name === "undo") return this.#deck.last !== null ? !this.#isMatch(this.#deck.last)
      : this.#isBefore && me.can_undo;
    return !this.#deck.isDone && (this.#tokens()[name] ?? 1) > 0;
  }

  #isMatch(id) {
    return this.#live.room.matches.some((one) => one.id === id);
  }

  #choose(choice, from, velocity) {
    if (!this.#can(choice)) return;
    const { title, again } = this.#deck.decide(choice);
    this.#isBefore = false;
    this.#pile.send(choice, this.#next(), from, velocity);
    this.#queue.vote(title, choice, again);
    this.#show();
    const [next] = this.#next();
    const said = t(`said.${choice}`, { name: title.name });
    announce(next ? `${said} ${t("swipe.next", { name: next.name })}` : `${said} ${t("through.title")}`);
  }

  async #undo() {
    if (!this.#can("undo")) return;
    if (this.#deck.last === null) return void (await this.#undoOfBefore());
    const { title, choice } = this.#deck.undo();
    this.#queue.undo(title, choice);
    this.#show();
    this.#pile.bringBack(this.#next(), choice);
    announce(t("said.undo", { name: title.name }));
  }

  async #undoOfBefore() {
    this.#isBefore = false;
    try {
      await this.#ctx.api.del(`/rooms/${this.#live.id}/votes/last`);
    } catch (error) {
      this.#isBefore = error.isOffline; // nobody was asked
      toast(why(error), "bad");
    }
    await this.#anew();
  }

  #key(event) {
    const name = KEYS[event.key];
    const isTyping = event.target.closest?.("input, textarea, select, dialog, [role=slider]");
    if (!name || isTyping || event.metaKey || event.ctrlKey || event.altKey || event.repeat) return;
    event.preventDefault();
    if (name === "undo") this.#undo();
    else this.#choose(name);
  }

  // -- what becomes of it

  /** To a room that stands still nothing is said. */
  #say() {
    if (isGoing(this.#live.room)) this.#queue.flush();
  }

  #dropped(entry) {
    this.#deck.refused(entry.title_id);
    this.#bar.show((name) => this.#can(name), this.#tokens());
  }

  /** The room too: of what one has done oneself no event tells. */
  async #anew() {
    await this.#live.refresh();
    await this.#reload();
  }

  async #reload() {
    clearTimeout(this.#unread);
    try {
      const deck = await dealt(this.#ctx, this.#live);
      this.#begin(deck());
    } catch (error) {
      if (error instanceof Problem) this.#later(); // what is shown stays until then
      else if (error.name !== "AbortError") throw error;
      return;
    }
    this.#tries = 0;
    this.#pile.show(this.#next());
    this.#show();
  }

  #later() {
    clearTimeout(this.#unread);
    this.#unread = setTimeout(() => this.#reload(), waitOf(this.#tries++));
  }

  /** Only when it lasts: what is heard at once needs no word. */
  #waiting(length) {
    clearTimeout(this.#slow);
    if (length && this.#waits.hidden)
      this.#slow = setTimeout(() => this.#tellWaiting(this.#queue.entries.length), SLOW_MS);
    else this.#tellWaiting(length);
  }

  #tellWaiting(length) {
    this.#waits.hidden = length === 0;
    fill(this.#waits, icon("clock"), t(isGoing(this.#live.room) ? "queue.waits" : "queue.rests", { n: length }));
  }

  #changed(room) {
    if (room.matches.length > this.#found && room.status === "voting") {
      const found = room.matches.at(-1);
      toast(t("swipe.found", { name: found.name, n: room.matches.length, of: room.rules.wanted }));
    }
    this.#found = room.matches.length;
    if (!this.#waits.hidden) this.#tellWaiting(this.#queue.entries.length);
    if (room.size !== this.#deck.size) this.#reload();
    else this.#show();
  }
}
