// Swipes that the server has not heard of yet: kept on this device in their order, each with a key
// of its own, and said again until there is an answer. So a tunnel costs nobody a vote, and an
// answer that got lost counts nothing twice.

import { waitOf } from "./waits.js";

const PREFIX = "trinity.queue."; // and who has swiped, and where
const WAIT_MS_MIN = 400, WAIT_MS_MAX = 20_000;
const RESTS = new Set(["ROOM_PAUSED", "ROOM_WAITING"]); // refused now, and not for good

/**
 * `send(entry)` says one and gives the answer, or throws: with a `status` when the server has
 * spoken, without one when nobody was reached. `may()` is whether it can be said at all now.
 * `refused([{ entry, error }])` is told, once all was said, what is refused for good, and `rests()`
 * that the room has stopped: it is asked no more before `wake()`.
 */
export function openQueue({ name, storage = localStorage, ...said }) {
  return new Queue({ name: PREFIX + name, storage, ...said });
}

/** The names of those in which something waits. */
export function left(storage = localStorage) {
  return Object.keys(storage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
}

class Queue {
  #said; #timer; #tries = 0; #isBusy = false; #inFlight = null; #told = {}; #refusals = [];
  #isResting = false; #isUrgent = false;
  heard = []; // what the server has taken since the page was opened

  constructor(said) {
    this.#said = said;
    addEventListener("online", () => {
      this.#tries = 0;
      this.flush();
    });
  }

  /** Who looks is told what became of each, `answered(entry, answer)` or `dropped(entry)`, how many
   * still wait, `changed(length)`, and when all was said of which some were dropped, `refused()`.
   * They are said though nobody looks. */
  tell(told) {
    this.#told = told;
    return () => {
      if (this.#told === told) this.#told = {};
    };
  }

  get entries() {
    try {
      return JSON.parse(this.#said.storage.getItem(this.#said.name)) ?? [];
    } catch {
      return []; // somebody else's, or half of one
    }
  }

  vote(title, choice, again) {
    this.#keep([...this.entries, entry({ kind: "vote", title_id: title.id, name: title.name, choice, again })]);
    this.#start();
  }

  /** The last one: what nobody was told yet is simply not said, what may have been heard is taken back. */
  undo(title, choice) {
    const entries = this.entries;
    const last = entries.at(-1);
    if (last?.kind === "vote" && !last.is_tried && last.key !== this.#inFlight)
      this.#keep(entries.slice(0, -1));
    else this.#keep([...entries, entry({ kind: "undo", title_id: title.id, name: title.name, choice })]);
    this.#start();
  }

  /** The room goes on, so that what it did not take meanwhile may be said. */
  wake() {
    if (this.#isResting || this.#isBusy) this.flush();
  }

  /** Now, whatever it was waiting for. */
  flush() {
    if (this.#isBusy) this.#isUrgent = true; // what is under way may have been said too early
    else this.#start();
  }

  #start() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isResting = false;
    if (!this.#isBusy && this.#said.may()) this.#drain();
  }

  /** One at a time, in this tab and in the others of this device. */
  async #drain() {
    this.#isBusy = true;
    try {
      await alone(this.#said.name, async () => {
        while (this.#said.may() && (await this.#one()));
      });
    } finally {
      this.#isBusy = false;
      this.#tellRefused();
    }
    const isLeft = this.#timer === undefined && !this.#isResting && this.entries.length > 0;
    if (isLeft) this.flush(); // came as it was closing
  }

  async #one() {
    const [head] = this.entries;
    if (!head) return false;
    this.#inFlight = head.key;
    this.#isUrgent = false;
    this.#mark(head.key);
    try {
      const answer = await this.#said.send(head);
      this.heard.push(head);
      this.#settle([head]);
      this.#told.answered?.(head, answer);
      return true;
    } catch (error) {
      if (RESTS.has(error?.code) && !this.#isUrgent) return this.#rest();
      if (isPassing(error)) return this.#wait(error);
      this.#settle(this.#lost(head));
      this.#refusals.push({ entry: head, error });
      this.#told.dropped?.(head);
      return true;
    } finally {
      this.#inFlight = null;
    }
  }

  /** With a vote that does not count goes the undo of it, which would take back the one before. */
  #lost(head) {
    const next = this.entries[1];
    return head.kind === "vote" && next?.kind === "undo" ? [head, next] : [head];
  }

  /** Once, however many they are. */
  #tellRefused() {
    const refusals = this.#refusals.splice(0);
    if (!refusals.length) return;
    this.#said.refused(refusals);
    this.#told.refused?.();
  }

  #settle(done) {
    this.#tries = 0;
    const keys = done.map((one) => one.key);
    this.#keep(this.entries.filter((one) => !keys.includes(one.key)));
  }

  #mark(key) {
    this.#keep(this.entries.map((one) => (one.key === key ? { ...one, is_tried: true } : one)));
  }

  #rest() {
    this.#isResting = true;
    this.#said.rests();
    return false;
  }

  #wait(error) {
    const asked = (error?.retryAfter ?? 0) * 1000;
    const wait = this.#isUrgent ? 0 : waitOf(this.#tries++, WAIT_MS_MIN, WAIT_MS_MAX);
    this.#timer = setTimeout(() => this.flush(), Math.max(asked, wait));
    return false;
  }

  #keep(entries) {
    const { storage, name } = this.#said;
    if (entries.length) storage.setItem(name, JSON.stringify(entries));
    else storage.removeItem(name);
    this.#told.changed?.(entries.length);
  }
}

function entry(what) {
  return { ...what, key: crypto.randomUUID?.() ?? random(), at: Date.now(), is_tried: false };
}

/** Where the page is not of a secure origin there is no randomUUID: a house's own network. */
function random() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** No answer, too many, one that is being carried out already, or a server that is not well: the
 * same words may count in a moment. */
function isPassing(error) {
  const status = error?.status;
  if (!status) return true;
  return status === 401 || status === 408 || status === 425 || status === 429 || status >= 500 ||
    (status === 409 && error.retryAfter) || RESTS.has(error.code);
}

function alone(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}
