// A room as it is now: read once, then kept by its channel. Events that count come in order and once,
// after a break too, and say *that* something changed: the room is read anew, so that a page that
// was away looks like one that was not. Progress is absolute: one that is lost is mended by the next.

import { connect } from "/_skylift/channel.js";

const HEARTBEAT_MS = 30_000;
const PAGE = 200; // events at a time
const PATIENCE_MS = 2_000; // before what failed is asked again

/** Opened for one screen, and closed with it. `api` may be that of a presenter. */
export async function openRoom(ctx, id, api = ctx.api) {
  const [view, place] = await Promise.all([api.get(`/rooms/${id}`), api.get(`/rooms/${id}/live`)]);
  const live = new Live({ id, api, view, place });
  ctx.onLeave(() => live.close());
  return live;
}

/**
 * `view` is the RoomView, `state` of the connection "connecting", "connected" or "waiting". Listeners
 * get events (`on("match", …)`, or each by `on("event", …)`), every new view (`on("view", …)`), the
 * state (`on("state", …)`), what is told to the caller alone (`on("me", …)`), and `on("out", …)`
 * once, that this seat is gone.
 */
class Live {
  #heard = new Map();
  #waits = new Map();
  #channels; #leave; #reading; #isStale = false; #isClosed = false;

  constructor({ id, api, view, place }) {
    Object.assign(this, { id, api, view, place, state: "connecting" });
    this.seq = Math.min(view.seq, place.seq);
    this.#channels = connect({
      token: (asked) => api.token(asked),
      changed: (state) => { this.state = state; this.#tell("state", state); },
    });
    this.#subscribe(place);
    this.#channels.subscribe(place.me_channel, { event: (event) => this.#mine(event) });
    document.addEventListener("visibilitychange", this.#alive);
    this.#alive();
  }

  /** Gives what ends it. */
  on(kind, deed) {
    if (!this.#heard.has(kind)) this.#heard.set(kind, new Set());
    this.#heard.get(kind).add(deed);
    return () => this.#heard.get(kind)?.delete(deed);
  }

  /** Reads the room again; while it is being read, another wish waits for one more. */
  refresh() {
    if (this.#reading) this.#isStale = true;
    else this.#reading = this.#read();
    return this.#reading;
  }

  /** An answer of the server that is a RoomView; one that was overtaken on its way is none. */
  take(view) {
    if (this.#isClosed || view.seq < this.view.seq) return;
    this.view = view;
    this.#tell("view", view);
  }

  close() {
    this.#isClosed = true;
    document.removeEventListener("visibilitychange", this.#alive);
    for (const timer of this.#waits.values()) clearTimeout(timer);
    this.#channels.close();
    this.#heard.clear();
  }

  async #read() {
    try {
      do {
        this.#isStale = false;
        this.take(await this.api.get(`/rooms/${this.id}`));
      } while (this.#isStale && !this.#isClosed);
    } catch (error) {
      if (isOut(error)) this.#gone(error);
      else this.#later("read", () => this.refresh(), PATIENCE_MS);
    } finally {
      this.#reading = undefined;
    }
  }

  // -- the channel

  #subscribe({ epoch }) {
    this.#leave?.();
    this.epoch = epoch;
    this.#leave = this.#channels.subscribe(this.place.channel.replace(/[^/]*$/, epoch), {
      after: this.seq,
      event: (event) => this.#told(event),
      resume: (seq) => this.#since(seq),
      refused: () => this.#moved(),
    });
  }

  async #since(seq) {
    const missed = [];
    for (;;) {
      const after = missed.at(-1)?.seq ?? seq;
      const { events } = await this.api.get(`/rooms/${this.id}/events?after=${after}&limit=${PAGE}`);
      missed.push(...events);
      if (events.length < PAGE) return missed;
    }
  }

  #told(event) {
    if (this.#isClosed) return;
    if (typeof event.seq === "number") {
      this.seq = event.seq;
      this.refresh();
    } else if (event.kind === "progress") this.#progressed(event);
    this.#tell(event.kind, event);
    this.#tell("event", event);
  }

  /** Of one member, as he is now. */
  #progressed({ who, name, voted, is_finished, seen_at }) {
    const members = this.view.members.map((one) =>
      one.id === who ? { ...one, name, voted, is_finished, seen_at, is_here: true } : one);
    this.view = { ...this.view, members };
    this.#tell("view", this.view);
  }

  /** Of oneself: a notice, or that the room has another channel now, with or without him. */
  #mine(event) {
    if (this.#isClosed) return;
    this.#tell("me", event);
    if (event.room_id !== this.id) return;
    if (event.kind === "out") this.#gone(event);
    else if (event.kind === "moved") this.#follow(event);
  }

  /** The channel takes us no more: it has moved, or we are out. */
  async #moved() {
    try {
      this.#follow(await this.api.get(`/rooms/${this.id}/live`));
    } catch (error) {
      if (isOut(error)) this.#gone(error);
      else this.#later("moved", () => this.#moved(), PATIENCE_MS);
    }
  }

  /** Where the room is heard now. What went by on a channel is told to nobody twice: it is read. */
  #follow(place) {
    if (this.#isClosed) return;
    const isMissing = place.seq > this.view.seq;
    if (place.epoch !== this.epoch || place.seq > this.seq) this.#subscribe(place);
    if (isMissing) this.refresh();
  }

  #gone(why) {
    if (this.#isClosed) return;
    this.#tell("out", why);
    this.close();
  }

  /** Somebody looks at this page: at once when it is opened again, and then twice a minute. */
  #alive = async () => {
    if (this.#isClosed || document.hidden) return;
    this.#later("alive", this.#alive, HEARTBEAT_MS);
    try {
      this.#follow(await this.api.post(`/rooms/${this.id}/presence`, undefined, { key: null }));
    } catch (error) {
      if (isOut(error)) this.#gone(error);
    }
  };

  #later(what, deed, ms) {
    clearTimeout(this.#waits.get(what));
    if (!this.#isClosed) this.#waits.set(what, setTimeout(deed, ms));
  }

  #tell(kind, what) {
    for (const deed of [...(this.#heard.get(kind) ?? [])]) deed(what);
  }
}

const isOut = (error) => error.status === 404 || error.status === 403 || error.status === 401;
