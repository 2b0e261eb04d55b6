// The big screen: how one gets in, who is there, how far all are, and the match when it comes. It has
// a seat that can only look. Its token comes in the part of the address that no server sees, and is
// gone from there as soon as it was read.

import { client } from "../api.js";
import { countdown } from "../countdown.js";
import { faces, listed, otherCrew } from "../crew.js";
import { t } from "../i18n.js";
import { hostOf, isShortlist, openChannels, watchRoom } from "../live.js";
import { linkOf, qrCode } from "../invitation.js";
import { howOf, reveal } from "../reveal.js";
import { genreNames, poster } from "../titles.js";
import { avatar, empty, fill, h, icon, mark } from "../ui.js";

const PASSED_MS = 500; // counters step to where they are

export default async function present(ctx) {
  const { id } = ctx.params;
  const kept = ofThisTab(`trinity.present.${id}`);
  const token = ctx.hash;
  if (token) {
    kept.set({ refresh: token, access: null, expires_at: 0 });
    history.replaceState(null, "", location.pathname);
  }
  if (!kept.get()) return nothing();
  const api = client(kept);
  const stage = h(".present-stage");
  const lamp = h("p.pill.warm", { role: "status", hidden: true }, icon("refresh"), t("room.reconnecting"));
  const made = h(".present", h("header.present-head", h(".brand", mark(), h("span", "Trinity")), lamp), stage);
  await genreNames(api);
  if (ctx.signal.aborted) return null;
  const channels = openChannels({ token: api.token });
  ctx.onLeave(() => channels.close());
  const screen = new Screen(stage, api, id);
  const show = (room) => { // where the same people go on it has a seat, too
    if (room.next) ctx.go(`/present/${room.next}#${kept.get().refresh}`, { replace: true });
    else screen.show(room);
  };
  const watch = await watchRoom(id, {
    api,
    channels,
    changed: (room) => show(room),
    progress: (said) => screen.told(said),
    connection: (state) => { lamp.hidden = state !== "waiting"; },
    out: () => fill(stage, nothing()),
  });
  ctx.onLeave(() => { watch.close(); screen.close(); });
  if (ctx.signal.aborted) return null;
  show(watch.room);
  return made;
}

/** A reload of the tab still has it, another tab has not. */
function ofThisTab(name) {
  return {
    get: () => JSON.parse(sessionStorage.getItem(name)),
    set: (value) => (value ? sessionStorage.setItem(name, JSON.stringify(value)) : sessionStorage.removeItem(name)),
  };
}

function nothing() {
  return h(".screen", h("h1.only-heard", t("present.gone")), empty("screen", t("present.gone"), t("present.gone_text")));
}

class Screen {
  #stage; #api; #id; #shown = null; #parts = {}; #room; #ends = new AbortController();

  constructor(stage, api, id) {
    this.#stage = stage;
    this.#api = api;
    this.#id = id;
  }

  show(room) {
    const scene = sceneOf(room);
    this.#room = room;
    if (scene !== this.#shown) {
      this.close();
      this.#shown = scene;
      this.#stage.dataset.scene = scene;
      this.#parts = {};
      fill(this.#stage, this[scene](room));
    }
    this.#update(room);
  }

  /** Nothing runs on of what was shown. */
  close() {
    this.#ends.abort();
    this.#ends = new AbortController();
  }

  told({ kind, voted, size }) {
    if (kind === "poll_progress" && this.#parts.answered)
      this.#parts.answered.textContent = t("runoff.answered", { n: voted, of: size });
  }

  #update(room) {
    const { people, votes, ring, percent, names, state, isOther } = this.#parts;
    const percentNow = percentOf(room);
    if (people) fill(people, room.members.map(guest));
    if (names) fill(names, faces(room));
    if (votes) stepTo(votes, room.members.reduce((sum, one) => sum + one.voted, 0));
    if (percent) percent.textContent = `${percentNow} %`;
    if (ring) ring.style.setProperty("--done", String(percentNow));
    if (state) state.textContent = stateOf(room);
    if (isOther?.(room)) this.#counted(room).catch(() => {}); // the next answer tells it too
  }

  waiting(room) {
    this.#parts.people = h("ul.guests", { "aria-live": "polite" });
    this.#parts.state = h("p.lead");
    return [h(".present-words", h("p.kicker", t("present.join")), h("h1", room.name), invitation(room)),
      h(".present-side", this.#parts.people, this.#parts.state)];
  }

  voting(room) {
    this.#parts.votes = h("strong.huge.numbers", "0");
    this.#parts.percent = h("strong.numbers");
    this.#parts.ring = h(".ring-progress", this.#parts.percent);
    this.#parts.names = h("div");
    this.#parts.state = h("p.lead");
    return [h(".present-words", h("p.kicker", t("present.voting")), h("h1", room.name), this.#parts.state,
      h("p.vote-count", this.#parts.votes, h("span.muted", t("present.votes"))),
      h(".row.present-crew", this.#parts.names, countdown(() => this.#room.closes_at, this.#ends.signal))),
    h(".present-side", this.#parts.ring, room.rules.late && h(".late", invitation(room)))];
  }

  stuck(room) {
    const near = h("ol.present-near");
    this.#near(near);
    this.#parts.state = h("p.lead");
    return [h(".present-words", h("p.kicker", room.name), h("h1", t("stalemate.title")), this.#parts.state), near];
  }

  shortlist(room) {
    const near = h("ol.present-near");
    this.#near(near);
    this.#parts.state = h("p.lead");
    return [h(".present-words", h("p.kicker", room.name), h("h1", t("match.several", { n: room.matches.length })),
      this.#parts.state), near];
  }

  async #near(place) {
    const { near_misses, shortlist, titles } = await this.#api.get(`/rooms/${this.#id}/results`);
    const found = new Map(titles.map((one) => [one.title.id, one.title]));
    fill(place, (shortlist.length ? shortlist : near_misses).map((id) => found.get(id)).filter(Boolean).slice(0, 5)
      .map((title) => h("li", h(".miss-poster", poster(title)), h("strong", title.name))));
  }

  runoff(room) {
    this.#parts.answered = h("p.lead");
    this.#parts.isOther = otherCrew(room);
    const options = h("ol.present-near");
    this.#asked(room, options);
    return [h(".present-words", h("p.kicker", room.name), h("h1", t("runoff.title")), this.#parts.answered), options];
  }

  async #asked(room, place) {
    const [poll, deck] = await Promise.all([this.#counted(room), this.#api.get(`/rooms/${this.#id}/deck`)]);
    const titles = new Map(deck.titles.map((one) => [one.id, one]));
    fill(place, poll.options.map(({ id, text }) =>
      h("li", h(".miss-poster", titles.has(id) && poster(titles.get(id))), h("strong", text))));
  }

  async #counted(room) {
    const poll = await this.#api.get(`/rooms/${this.#id}/polls/${room.poll}`);
    this.told({ kind: "poll_progress", voted: poll.answered, size: poll.voters });
    return poll;
  }

  matched(room) {
    const how = h("span", t("match.title"));
    this.#api.get(`/rooms/${this.#id}/results`).then((results) => {
      const won = results.titles.find((one) => one.title.id === room.match.id);
      how.textContent = howOf(room, won?.likes ?? null);
    }).catch(() => {});
    return reveal(room.match, how, h("p.muted", t("present.of", { names: listed(room.members.map((one) => one.name)) })));
  }

  over(room) {
    return h(".present-words", h("p.kicker", room.name), h("h1", t("present.over")));
  }
}

const SCENES = {
  waiting: "waiting", voting: "voting", paused: "voting", runoff: "runoff", no_consensus: "stuck",
  matched: "matched",
};

function sceneOf(room) {
  if (isShortlist(room)) return "shortlist";
  if (room.status === "completed" && room.match) return "matched";
  return SCENES[room.status] ?? "over";
}

function invitation(room) {
  const link = linkOf(room);
  return h(".invitation", qrCode(link, t("present.qr", { link })),
    h(".invitation-words", h("p.muted", t("present.or")), h("p.present-link", `${location.host}/join`),
      h("p.present-code", { "aria-label": t("present.code", { code: [...room.code].join(" ") }) }, room.code)));
}

function guest(one) {
  return h("li.guest", avatar(one.name, one.id), h("span", one.name), one.is_host && icon("crown"));
}

function percentOf({ members, size }) {
  const due = members.length * size;
  return due ? Math.floor((100 * members.reduce((sum, one) => sum + one.voted, 0)) / due) : 0;
}

function stateOf(room) {
  const finished = room.members.filter((one) => one.is_finished).length;
  if (room.status === "paused") return t("paused.title");
  if (room.status === "waiting") return t("present.seats", { n: room.members.length, of: room.capacity });
  if (room.status === "no_consensus" || room.status === "matched")
    return t("stalemate.host", { name: hostOf(room)?.name ?? "" });
  if (finished) return t("present.finished", { n: finished, of: room.members.length });
  return t(room.rules.strategy === "unanimous" ? "present.swiping" : "present.enough", { n: room.required });
}

/** A number that counts up, when that is not too much motion. */
function stepTo(element, wanted) {
  const from = Number(element.dataset.now ?? 0), began = performance.now();
  element.dataset.now = String(wanted);
  if (from === wanted || matchMedia("(prefers-reduced-motion: reduce)").matches)
    return void (element.textContent = String(wanted));
  const step = (now) => {
    if (element.dataset.now !== String(wanted)) return;
    const part = Math.min(1, (now - began) / PASSED_MS);
    element.textContent = String(Math.round(from + (wanted - from) * part));
    if (part < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}
