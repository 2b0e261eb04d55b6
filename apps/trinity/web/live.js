// A room as it is now: read once, then kept by its channel. Events with a `seq` come in order and
// each once; what is missing is read again. Every event only says *that* something changed: the
// room is read anew, so that a page that was away looks like one that was not.

import { connect } from "/_skylift/channel.js";

const HEARTBEAT_MS = 30_000;
const PAGE = 200; // events at a time
const SETTLES_MS = 60; // several events in a row are one reading

/** One connection for all that this page watches. */
export function openChannels({ token, url }) {
  const listeners = new Set();
  let state = "connecting";
  const channels = connect({
    url,
    token,
    changed: (now) => {
      state = now;
      for (const told of listeners) told(now);
    },
  });
  return {
    get state() {
      return state;
    },
    subscribe: (channel, said) => channels.subscribe(channel, said),
    onState(told) {
      listeners.add(told);
      return () => listeners.delete(told);
    },
    close: () => channels.close(),
  };
}

/**
 * `api` is `{ get(path), post(path, body) }`. Told are `changed(room)` at each new state,
 * `event(event)` at each event, `progress(said)` at what has no number, `out(reason)` once when the
 * caller is no member any more, `connection(state)`.
 */
export async function watchRoom(id, said) {
  const watch = new Watch(id, { changed() {}, event() {}, progress() {}, out() {},
    connection() {}, isPresent: true, ...said });
  await watch.begin();
  return watch;
}

class Watch {
  room;
  #id; #said; #epoch; #seq = 0; #leaves = []; #leaveRoom = () => {}; #timers = [];
  #isReading = false; #isStale = false; #isClosed = false; #isOut = false;

  constructor(id, said) {
    this.#id = id;
    this.#said = said;
  }

  async begin() {
    const { api, channels } = this.#said;
    const [room, live] = await Promise.all([
      api.get(`/rooms/${this.#id}`), api.get(`/rooms/${this.#id}/live`),
    ]);
    this.room = room;
    this.#seq = room.seq;
    this.#leaves.push(channels.onState((state) => this.#said.connection(state)));
    if (live.me_channel)
      this.#leaves.push(channels.subscribe(live.me_channel, { event: (one) => this.#mine(one) }));
    this.#join(live);
    if (this.#said.isPresent) this.#beat();
  }

  /** Once more from the server; asked for again while it is under way, it is read again. */
  async refresh() {
    if (this.#isReading) return void (this.#isStale = true);
    this.#isReading = true;
    try {
      do {
        this.#isStale = false;
        this.#take(await this.#said.api.get(`/rooms/${this.#id}`));
      } while (this.#isStale && !this.#isClosed);
    } catch (error) {
      if (error.status === 404 || error.status === 403) this.#gone(error.code);
    } finally {
      this.#isReading = false;
    }
  }

  /** What an answer to this page's own request has shown already. */
  show(room) {
    this.#take(room);
  }

  close() {
    this.#isClosed = true;
    this.#leaveRoom();
    for (const leave of this.#leaves) leave();
    for (const timer of this.#timers) clearTimeout(timer);
    removeEventListener("visibilitychange", this.#seen);
  }

  // -- the channel

  #join({ channel, epoch }) {
    this.#leaveRoom();
    this.#epoch = epoch;
    this.#leaveRoom = this.#said.channels.subscribe(channel, {
      after: this.#seq,
      event: (event) => this.#told(event),
      resume: (seq) => this.#since(seq),
      refused: () => this.#moved(),
    });
  }

  async #since(seq) {
    const missed = [];
    for (;;) {
      const after = missed.at(-1)?.seq ?? seq;
      const { events } = await this.#said.api.get(
        `/rooms/${this.#id}/events?after=${after}&limit=${PAGE}`);
      missed.push(...events);
      if (events.length < PAGE) return missed;
    }
  }

  #told(event) {
    if (this.#isClosed) return;
    if (typeof event.seq !== "number") return this.#said.progress(event);
    this.#seq = Math.max(this.#seq, event.seq);
    this.#said.event(event);
    this.#later("read", () => this.refresh(), SETTLES_MS);
  }

  /** The channel is another one now, for who may still hear it; a kick says so to each alone. */
  async #moved() {
    try {
      const live = await this.#said.api.get(`/rooms/${this.#id}/live`);
      if (this.#isClosed) return;
      if (live.epoch !== this.#epoch) this.#join(live);
      this.refresh();
    } catch (error) {
      if (error.status === 404 || error.status === 403) this.#gone(error.code);
      else this.#later("moved", () => this.#moved(), 2_000);
    }
  }

  #mine(notice) {
    if (this.#isClosed || (notice.room_id && notice.room_id !== this.#id)) return;
    if (notice.kind === "moved" || notice.kind === "kicked" || notice.kind === "banned")
      this.#moved();
    this.#said.notice?.(notice);
  }

  #gone(code) {
    if (this.#isOut || this.#isClosed) return;
    this.#isOut = true;
    this.close();
    this.#said.out(code);
  }

  #take(room) {
    if (this.#isClosed || (this.room && room.seq < this.room.seq)) return; // overtaken on its way
    this.room = room;
    this.#said.changed(room);
  }

  // -- being there

  #beat() {
    addEventListener("visibilitychange", this.#seen);
    this.#seen();
  }

  /** Somebody looks at this page: at once when it is opened again, and then twice a minute. */
  #seen = () => {
    if (this.#isClosed || document.visibilityState === "hidden") return;
    this.#said.api.post(`/rooms/${this.#id}/presence`, {}).catch(() => {});
    this.#later("beat", this.#seen, HEARTBEAT_MS);
  };

  #waits = new Map();

  #later(what, work, ms) {
    clearTimeout(this.#waits.get(what));
    const timer = setTimeout(work, ms);
    this.#waits.set(what, timer);
    this.#timers = [...this.#waits.values()];
  }
}
