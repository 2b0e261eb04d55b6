// A room: which stage it is at, and what all stages have: the connection, and what happens when
// one's seat is gone.

import { Problem } from "../api.js";
import { channels } from "../connection.js";
import { t } from "../i18n.js";
import { atEnd } from "../leaving.js";
import { isGoing, isShortlist, takesVotes, watchRoom } from "../live.js";
import { missing } from "../missing.js";
import { goesOn } from "../swipes.js";
import { announce, blank, fill, h, icon, link, skeleton } from "../ui.js";

// A stage is `async (ctx, live) => Element` in a file of its own. `live.room` is the RoomView as it
// is now; `live.on("room" | "event" | "progress" | "connection", deed)` tells of it until
// `ctx.signal` ends, which it does with the stage; `live.show(view)` takes an answer of the server,
// `live.swipe()` leads to the deck of a room that begins with the first vote.
const STAGES = {
  waiting: "lobby",
  voting: "swipe",
  paused: "swipe",
  runoff: "runoff",
  no_consensus: "stalemate",
  matched: "match",
  completed: "match",
  cancelled: "ended",
};

function stageOf(room, isSwiping) {
  if (isShortlist(room)) return "shortlist";
  if (room.status === "completed" && !room.match) return "ended";
  return isSwiping && takesVotes(room) ? "swipe" : STAGES[room.status];
}

/** Who leads the room sees more of a stage than the others; only the deck is the same for all. */
const looksOf = (name, room) => (name === "swipe" ? name : `${name} ${room.is_host}`);

export default async function room(ctx) {
  const bones = skeleton(), stage = h(".stage", bones);
  const banner = h(".reconnect", { role: "status", hidden: true }, icon("refresh"), h("span", t("room.reconnecting")));
  const heard = new Map();
  const tell = (kind, what) => [...(heard.get(kind) ?? [])].forEach((deed) => deed(what));
  let watch, ends = new AbortController(), lack = new AbortController(), shown = null, isSwiping = false;

  async function show() {
    const name = stageOf(watch.room, isSwiping), looks = looksOf(name, watch.room);
    if (looks === shown) return;
    shown = looks;
    lack.abort();
    try {
      await enter(name);
    } catch (error) {
      if (!(error instanceof Problem)) console.error(error);
      const { signal } = lack = new AbortController();
      place(missing(stageContext(ctx, signal), liveOf(ctx.params.id, watch, heard, signal, swipe), (tries) => enter(name, tries)));
    }
  }

  /** Throws when it does not come, and shows nothing when the room has gone on meanwhile. */
  async function enter(name, tries = 0) {
    ends.abort();
    ends = new AbortController();
    const { signal } = ends;
    try {
      const { default: make } = await import(fileOf(name, tries));
      if (signal.aborted) return;
      const made = await make(stageContext(ctx, signal), liveOf(ctx.params.id, watch, heard, signal, swipe));
      if (signal.aborted) return;
      lack.abort();
      place(made);
    } catch (error) {
      if (signal.aborted) return;
      ends.abort(); // nothing goes on of what had begun
      throw error;
    }
  }

  function place(made) {
    const isFirst = stage.firstElementChild === bones;
    fill(stage, made);
    if (!isFirst) settle(stage);
  }

  function over() {
    lack.abort();
    ends.abort();
  }

  function swipe() {
    isSwiping = true;
    return show();
  }

  watch = await watchRoom(ctx.params.id, {
    api: ctx.api,
    channels: channels(),
    changed: (view) => { tell("room", view); if (watch) show(); if (isGoing(view)) goesOn(view.id); },
    event: (event) => tell("event", event),
    progress: (said) => tell("progress", said),
    connection: (state) => { banner.hidden = state !== "waiting"; tell("connection", state); },
    out: () => { over(); fill(stage, out()); settle(stage); },
  });
  ctx.onLeave(() => { over(); watch.close(); });
  if (ctx.signal.aborted) return null;
  if (isGoing(watch.room)) goesOn(watch.room.id);
  await show();
  return h(".room", banner, stage);
}

/** A browser may keep it as missing what once did not come; under another name it looks again. */
const fileOf = (name, tries) => `./${name}.js${tries ? `#${tries}` : ""}`;

function stageContext(ctx, signal) {
  return { ...ctx, signal, onLeave: (deed) => atEnd(signal, deed) };
}

function liveOf(id, watch, heard, signal, swipe) {
  return {
    id,
    get room() { return watch.room; },
    refresh: () => watch.refresh(),
    show: (view) => watch.show(view),
    swipe,
    on(kind, deed) {
      if (!heard.has(kind)) heard.set(kind, new Set());
      heard.get(kind).add(deed);
      atEnd(signal, () => heard.get(kind).delete(deed));
    },
  };
}

function settle(stage) {
  const title = stage.querySelector("h1");
  if (!title) return;
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
  scrollTo(0, 0);
  announce(title.textContent);
}

function out() {
  return blank("door", t("room.out"), t("room.out_text"), link(t("lost.home"), "/", { kind: "main" }));
}
