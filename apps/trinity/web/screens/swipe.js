// Where one swipes: by finger, mouse or key. A swipe is shown at once and kept until the server has
// heard it; who has seen everything waits here for the others.

import { Pile, PREPARED } from "../cards.js";
import { crew, faces, kept, meter, pending } from "../crew.js";
import { Deck } from "../deck.js";
import { t, why } from "../i18n.js";
import { openQueue } from "../queue.js";
import { roomHead } from "../roomhead.js";
import { genreNames, small } from "../titles.js";
import { announce, button, fill, h, icon, toast } from "../ui.js";

const KEYS = {
  ArrowLeft: "nope", ArrowRight: "like", ArrowUp: "super", ArrowDown: "skip", v: "veto", Backspace: "undo",
};
const BUTTONS = [
  ["undo", "undo", "small"], ["nope", "x", "big"], ["super", "star", ""], ["like", "heart", "big"],
  ["skip", "clock", "small"],
];
const PREPARES_MS = 300; // after the pile, so that it comes first
const SLOW_MS = 1_500; // until a swipe that is not heard is spoken of
const KNOWN = new Set(["ALREADY_VOTED", "ROOM_MATCHED", "ROOM_COMPLETED"]); // refusals that nobody misses

export default async function swipe(ctx, live) {
  const [deck] = await Promise.all([ctx.api.get(`/rooms/${live.id}/deck`), genreNames(ctx.api)]);
  setTimeout(prepare, PREPARES_MS);
  return new Swiping(ctx, live, deck.titles ?? deck).element;
}

/** What may come next is here by then: the match waits for no file. */
function prepare() {
  for (const name of ["match", "stalemate"]) import(`./${name}.js`).catch(() => {});
}

class Swiping {
  #ctx; #live; #deck; #queue; #pile; #count; #buttons; #middle; #waits; #slow; #tokens; #found;

  constructor(ctx, live, titles) {
    this.#ctx = ctx;
    this.#live = live;
    this.#queue = openQueue({
      name: `${ctx.me.id}.${live.id}`,
      send: (entry) => this.#send(entry),
      answered: (_, answer) => answer?.match && live.refresh(),
      dropped: (entry, error) => this.#dropped(entry, error),
      changed: (length) => this.#waiting(length),
    });
    this.#pile = new Pile({ can: (choice) => this.#can(choice), chosen: (...how) => this.#choose(...how) });
    this.#begin(titles);
    this.element = this.#made();
    this.#found = live.room.matches.length;
    live.on("room", (room) => this.#changed(room));
    live.on("connection", (state) => state === "connected" && this.#queue.flush());
    const keys = (event) => this.#key(event);
    document.addEventListener("keydown", keys);
    ctx.onLeave(() => { this.#queue.close(); document.removeEventListener("keydown", keys); });
    this.#queue.flush();
    this.#show();
  }

  /** Anew from what the server says and what this device has still to say. */
  #begin(titles) {
    const queued = this.#queue.entries;
    const { me } = this.#live.room;
    const spent = (choice) => queued.filter((one) => one.choice === choice).length;
    this.#deck = new Deck(titles, queued);
    this.#tokens = {
      super: Math.max(0, me.supers_left - spent("super")),
      veto: Math.max(0, me.vetoes_left - spent("veto")),
    };
  }

  // -- what one sees

  #made() {
    const { room } = this.#live;
    this.#count = h(".count");
    this.#middle = h(".pile-place");
    this.#waits = h("p.pill.queue-pill", { role: "status", hidden: true });
    this.#buttons = new Map();
    const bar = h(".choices-bar", { role: "group", "aria-label": t("swipe.choices") },
      (room.rules.vetoes ? [...BUTTONS, ["veto", "ban", "small"]] : BUTTONS)
        .filter(([name]) => name !== "super" || room.rules.supers > 0)
        .map((one) => this.#button(...one)));
    return h(".screen.swiping",
      roomHead(this.#ctx, this.#live, { below: this.#count }),
      h("aside.swipe-crew", kept(this.#live, (now) => h("div", h(".only-narrow", faces(now)),
        h(".only-wide", h("h2.kicker", t("crew.title")), crew(now, this.#ctx.me.id))))),
      h(".swipe-main", this.#middle, this.#waits, bar),
      h("aside.swipe-keys.only-wide", h("h2.kicker", t("swipe.keys")), legend(room)));
  }

  #button(name, glyph, size) {
    const element = h("button.choice", {
      type: "button", class: size, dataset: { choice: name }, "aria-label": t(`swipe.${name}`), title: t(`swipe.${name}`),
      "aria-keyshortcuts": Object.keys(KEYS).find((key) => KEYS[key] === name),
      onclick: () => (name === "undo" ? this.#undo() : this.#choose(name)),
    }, icon(glyph), name === "super" || name === "veto" ? h("span.left") : null);
    this.#buttons.set(name, element);
    return element;
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
    for (const [name, element] of this.#buttons) element.disabled = !this.#can(name);
  }

  #counts() {
    const { voted, size } = this.#deck;
    fill(this.#count, h("span.numbers", `${Math.min(voted + 1, size)} / ${size}`),
      meter(Math.round((100 * voted) / size), t("swipe.progress", { n: voted, size })));
    for (const name of ["super", "veto"]) {
      const left = this.#buttons.get(name)?.querySelector(".left");
      if (left) left.textContent = String(this.#tokens[name]);
    }
  }

  /** Nothing to swipe: he is through, or came too late to have a vote. */
  #rest(place) {
    if (place === "watching")
      return h(".rest", h(".empty-art", icon("user")), h("h2", t("watching.title")), h("p.muted", t("watching.text")));
    const liked = this.#deck.liked();
    return h(".rest", h(".empty-art.pulse", icon("clock")), h("h2", t("through.title")),
      kept(this.#live, (room) => through(room, this.#ctx.me.id)),
      liked.length > 0 && h("section.section", h("h3", t("through.liked", { n: liked.length })),
        h(".tiles", liked.map((title) => small(title)))));
  }

  #next() {
    return this.#deck.next(PREPARED + 1);
  }

  // -- what one does

  #can(name) {
    const { status, me } = this.#live.room;
    if (status !== "voting" || !me.is_voter) return false;
    if (name === "undo") return this.#deck.canUndo || (me.can_undo && !this.#queue.entries.length);
    return !this.#deck.isDone && (this.#tokens[name] ?? 1) > 0;
  }

  #choose(choice, from, velocity) {
    if (!this.#can(choice)) return;
    const title = this.#deck.decide(choice);
    if (choice in this.#tokens) this.#tokens[choice]--;
    this.#pile.send(choice, this.#next(), from, velocity);
    this.#queue.vote(title.id, choice);
    this.#show();
    const [next] = this.#next();
    const said = t(`said.${choice}`, { name: title.name });
    announce(next ? `${said} ${t("swipe.next", { name: next.name })}` : `${said} ${t("through.title")}`);
  }

  async #undo() {
    if (!this.#can("undo")) return;
    if (!this.#deck.canUndo) return void (await this.#undoOfBefore());
    const { title, choice } = this.#deck.undo();
    if (choice in this.#tokens) this.#tokens[choice]++;
    this.#queue.undo();
    this.#show();
    this.#pile.bringBack(this.#next(), choice);
    announce(t("said.undo", { name: title.name }));
  }

  /** A swipe of an earlier visit, of which only the server knows. */
  async #undoOfBefore() {
    try {
      await this.#ctx.api.del(`/rooms/${this.#live.id}/votes/last`);
      await this.#live.refresh();
    } catch (error) {
      toast(why(error), "bad");
    }
    await this.#reload();
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

  #send({ kind, key, title_id, choice }) {
    const path = `/rooms/${this.#live.id}/votes`;
    return kind === "undo" ? this.#ctx.api.del(`${path}/last`, { key })
      : this.#ctx.api.post(path, { title_id, choice }, { key });
  }

  #dropped(entry, error) {
    if (KNOWN.has(error.code)) return;
    toast(why(error), "bad");
    if (this.#live.room.status === "voting") this.#reload();
  }

  async #reload() {
    const deck = await this.#ctx.api.get(`/rooms/${this.#live.id}/deck`);
    this.#begin(deck.titles ?? deck);
    this.#pile.show(this.#next());
    this.#show();
  }

  /** Only when it lasts: what is heard at once needs no word. */
  #waiting(length) {
    clearTimeout(this.#slow);
    if (!this.#waits) return;
    if (length && this.#waits.hidden)
      this.#slow = setTimeout(() => this.#tellWaiting(this.#queue.entries.length), SLOW_MS);
    else this.#tellWaiting(length);
  }

  #tellWaiting(length) {
    this.#waits.hidden = length === 0;
    fill(this.#waits, icon("clock"), t("queue.waits", { n: length }));
  }

  #changed(room) {
    if (room.status === "voting") this.#queue.flush();
    if (room.matches.length > this.#found && room.status === "voting") {
      const found = room.matches.at(-1);
      toast(t("swipe.found", { name: found.name, n: room.matches.length, of: room.rules.wanted }));
    }
    this.#found = room.matches.length;
    if (room.size !== this.#deck.size) this.#reload();
    else this.#show();
  }
}

function legend(room) {
  const keys = [["←", "nope"], ["→", "like"], ["↑", "super"], ["↓", "skip"], ["V", "veto"], ["⌫", "undo"]];
  return h("dl.keys", keys
    .filter(([, name]) => (name !== "super" || room.rules.supers) && (name !== "veto" || room.rules.vetoes))
    .map(([key, name]) => h("div", h("dt", h("kbd", key)), h("dd", t(`swipe.${name}`)))));
}

function through(room, me) {
  const { count, names } = pending(room, me);
  return h("div.stack", h("p.muted", count ? t("through.waiting", { n: count, names }) : t("through.last")),
    crew(room, me));
}

function paused(ctx, live) {
  return h(".paused-card", h(".empty-art", icon("pause")), h("h2", t("paused.title")), h("p.muted", t("paused.text")),
    live.room.is_host && button(t("menu.resume"), async () =>
      live.show(await ctx.api.post(`/rooms/${live.id}/resume`)), { kind: "main", icon: "play" }));
}
