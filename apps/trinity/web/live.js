// A room as it is now: read once, then kept by its channel. Events that count come in order and once,
// after a break too, and say *that* something changed: the room is read anew, so that a page that
// was away looks like one that was not. Progress is absolute: one that is lost is mended by the next.

import { connect } from "/_skylift/channel.js";

const HEARTBEAT_MS = 30_000;
const PAGE = 200; // events at a time
const PATIENCE_MS = 2_000; // before what failed is asked again

/** One connection for all that this page listens to. */
export function openChannels({ token }) {
  const told = new Set();
  let state = "connecting";
  const changed = (now) => { state = now; told.forEach((deed) => deed(now)); };
  const channels = connect({ token, changed });
  return {
    get state() { return state; },
    subscribe: (channel, said) => channels.subscribe(channel, said),
    onState: (deed) => { told.add(deed); return () => told.delete(deed); },
    close: () => channels.close(),
  };
}

/**
 * `said` has the `api`, the `channels`, and who is told: `changed(room)` of each new state,
 * `event(event)` of each event with a number, `progress(event)` of what has none,
 * `connection(state)`, and `out(reason)` once, when this seat is gone. `isAway` where nobody looks.
 */
export async function watchRoom(id, said) {
  const [room, place] = await Promise.all([
    said.api.get(`/rooms/${id}`), said.api.get(`/rooms/${id}/live`),
  ]);
  return new Watch(id, said, room, place);
}

class Watch {
  #said; #channel; #epoch; #seq; #leave; #ends; #reading;
  #isStale = false; #isClosed = false;
  #waits = new Map();

  constructor(id, said, room, place) {
    Object.assign(this, { id, room });
    this.#said = said;
    this.#seq = Math.min(room.seq, place.seq);
    this.#channel = place.channel;
    this.#subscribe(place);
    this.#ends = [
      said.channels.subscribe(place.me_channel, { event: (event) => this.#mine(event) }),
      said.channels.onState((state) => this.#tell("connection", state)),
    ];
    if (said.isAway) return;
    document.addEventListener("visibilitychange", this.#alive);
    this.#alive();
  }

  /** Reads the room again; while it is being read, another wish waits for one more. */
  refresh() {
    if (this.#reading) this.#isStale = true;
    else this.#reading = this.#read();
    return this.#reading;
  }

  /** An answer of the server that is a RoomView; one that was overtaken on its way is none. */
  show(room) {
    if (this.#isClosed || room.seq < this.room.seq) return;
    this.room = room;
    this.#tell("changed", room);
  }

  close() {
    this.#isClosed = true;
    document.removeEventListener("visibilitychange", this.#alive);
    for (const timer of this.#waits.values()) clearTimeout(timer);
    this.#leave();
    for (const end of this.#ends) end();
  }

  async #read() {
    try {
      do {
        this.#isStale = false;
        this.show(await this.#said.api.get(`/rooms/${this.id}`));
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
    this.#epoch = epoch;
    this.#leave = this.#said.channels.subscribe(this.#channel.replace(/[^/]*$/, epoch), {
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
      const { events } = await this.#said.api.get(`/rooms/${this.id}/events?after=${after}&limit=${PAGE}`);
      missed.push(...events);
      if (events.length < PAGE) return missed;
    }
  }

  #told(event) {
    if (this.#isClosed) return;
    if (typeof event.seq === "number") {
      this.#seq = event.seq;
      this.refresh();
      this.#tell("event", event);
    } else {
      if (event.kind === "progress") this.#progressed(event);
      this.#tell("progress", event);
    }
  }

  /** Of one member, as he is now. */
  #progressed({ who, name, voted, is_finished, seen_at }) {
    const members = this.room.members.map((one) =>
      one.id === who ? { ...one, name, voted, is_finished, seen_at, is_here: true } : one);
    this.room = { ...this.room, members };
    this.#tell("changed", this.room);
  }

  /** Of oneself: a notice, or that the room has another channel now, with or without him. */
  #mine(event) {
    if (this.#isClosed) return;
    if (event.room_id !== this.id) return;
    if (event.kind === "out") this.#gone(event);
    else if (event.kind === "moved") this.#follow(event);
  }

  /** The channel takes us no more: it has moved, or we are out. */
  async #moved() {
    try {
      this.#follow(await this.#said.api.get(`/rooms/${this.id}/live`));
    } catch (error) {
      if (isOut(error)) this.#gone(error);
      else this.#later("moved", () => this.#moved(), PATIENCE_MS);
    }
  }

  /** Where the room is heard now. What went by on a channel is told to nobody twice: it is read. */
  #follow(place) {
    if (this.#isClosed) return;
    const isMissing = place.seq > this.room.seq;
    if (place.epoch !== this.#epoch || place.seq > this.#seq) this.#subscribe(place);
    if (isMissing) this.refresh();
  }

  #gone(why) {
    if (this.#isClosed) return;
    this.close();
    this.#said.out?.(why);
  }

  /** Somebody looks at this page: at once when it is opened again, and then twice a minute. */
  #alive = async () => {
    if (this.#isClosed || document.hidden) return;
    this.#later("alive", this.#alive, HEARTBEAT_MS);
    try {
      this.#follow(await this.#said.api.post(`/rooms/${this.id}/presence`, undefined, { key: null }));
    } catch (error) {
      if (isOut(error)) this.#gone(error);
    }
  };

  #later(what, deed, ms) {
    clearTimeout(this.#waits.get(what));
    if (!this.#isClosed) this.#waits.set(what, setTimeout(deed, ms));
  }

  #tell(kind, what) {
    if (!this.#isClosed) this.#said[kind]?.(what);
  }
}

const isOut = (error) => error.status === 404 || error.status === 403 || error.status === 401;

/** It votes, or will with the first vote. */
export const takesVotes = ({ status, rules, members }) =>
  status === "voting" || (status === "waiting" && rules.starts === "first_vote" && members.length > 1);

/** It does not stand still: what is said to it now it takes, or refuses for good. */
export const isGoing = (room) => takesVotes(room) || !STILL.has(room.status);
const STILL = new Set(["waiting", "paused"]);

const OPEN = new Set(["waiting", "voting", "paused", "runoff", "no_consensus"]);
export const isOpen = ({ status }) => OPEN.has(status);

export const hostOf = ({ members }) => members.find((one) => one.is_host);

/** Several matches, of which none was taken yet. */
export const isShortlist = (room) => room.status === "matched" && room.matches.length > 1;
