// Swipes that the server has not heard of yet: kept on this device in their order, each with a key
// of its own, and said again until there is an answer. So a tunnel costs nobody a vote, and an
// answer that got lost counts nothing twice.

const WAIT_MS_MIN = 400, WAIT_MS_MAX = 20_000;
const LATER = new Set(["ROOM_PAUSED", "ROOM_WAITING"]); // refused now, and not for good

/**
 * `send(entry)` says one and gives the answer, or throws: with a `status` when the server has
 * spoken, without one when nobody was reached. `answered(entry, answer)` and `dropped(entry, error)`
 * tell what became of each; `changed(length)` how many still wait.
 */
export function openQueue({
  name, send, answered = () => {}, dropped = () => {}, changed = () => {}, storage = localStorage,
}) {
  return new Queue({ name: `trinity.queue.${name}`, send, answered, dropped, changed, storage });
}

class Queue {
  #said; #timer; #tries = 0; #isBusy = false; #isClosed = false; #inFlight = null;

  constructor(said) {
    this.#said = said;
    globalThis.addEventListener?.("online", this.#online);
  }

  get entries() {
    try {
      return JSON.parse(this.#said.storage.getItem(this.#said.name)) ?? [];
    } catch {
      return []; // somebody else's, or half of one
    }
  }

  vote(titleId, choice, again) {
    this.#keep([...this.entries, entry({ kind: "vote", title_id: titleId, choice, again })]);
    this.flush();
  }

  /** The last one: what nobody was told yet is simply not said, what may have been heard is taken back. */
  undo(titleId, choice) {
    const entries = this.entries;
    const last = entries.at(-1);
    if (last?.kind === "vote" && !last.is_tried && last.key !== this.#inFlight)
      this.#keep(entries.slice(0, -1));
    else this.#keep([...entries, entry({ kind: "undo", title_id: titleId, choice })]);
    this.flush();
  }

  /** Now, whatever it was waiting for. */
  flush() {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isBusy) this.#drain();
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.("online", this.#online);
  }

  /** One at a time, in this tab and in the others of this device. */
  async #drain() {
    this.#isBusy = true;
    try {
      await alone(this.#said.name, async () => {
        while (!this.#isClosed && (await this.#one()));
      });
    } finally {
      this.#isBusy = false;
    }
    if (this.#timer === undefined && this.entries.length) this.flush(); // came as it was closing
  }

  async #one() {
    const [head] = this.entries;
    if (!head) return false;
    this.#inFlight = head.key;
    this.#mark(head.key);
    try {
      const answer = await this.#said.send(head);
      this.#settle(head);
      this.#said.answered(head, answer);
      return true;
    } catch (error) {
      if (isPassing(error)) return this.#wait(error);
      this.#settle(head);
      this.#said.dropped(head, error);
      return true;
    } finally {
      this.#inFlight = null;
    }
  }

  #settle(done) {
    this.#tries = 0;
    this.#keep(this.entries.filter((one) => one.key !== done.key));
  }

  #mark(key) {
    this.#keep(this.entries.map((one) => (one.key === key ? { ...one, is_tried: true } : one)));
  }

  #wait(error) {
    const most = Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** this.#tries++);
    const asked = (error?.retryAfter ?? 0) * 1000;
    this.#timer = setTimeout(() => this.flush(), Math.max(asked, most * (0.5 + Math.random() / 2)));
    return false;
  }

  #keep(entries) {
    this.#said.storage.setItem(this.#said.name, JSON.stringify(entries));
    this.#said.changed(entries.length);
  }

  #online = () => {
    this.#tries = 0;
    this.flush();
  };
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

/** No answer, too many, or a server that is not well: the same words may count in a moment. */
function isPassing(error) {
  const status = error?.status;
  if (!status) return true;
  return status === 401 || status === 408 || status === 425 || status === 429 || status >= 500 ||
    LATER.has(error.code);
}

function alone(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}
