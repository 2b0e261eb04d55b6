// Channels in a browser: one connection for all of them, kept up by itself. It speaks the protocol
// of AppSync Events, so it works against an app that is served and against one on AWS.
//
//   import { connect } from "/_skylift/channel.js";
//   const channels = connect({ token: ({ fresh }) => myToken(fresh) });
//   const leave = channels.subscribe(`/live/rooms/${id}/${epoch}`, {
//     event: (event) => show(event),
//     resume: (seq) => fetchEventsAfter(seq), // what was missed, as an array
//     refused: (error) => explain(error),
//   });
//
// What is published while nobody is connected is lost here, and nowhere else: events that carry a
// `seq`, which counts by one, are handed on in its order, each once. Whenever some may be missing,
// `resume` is called with the last seq that was handed on, and gives what came after it.

const WAIT_MS_MIN = 500, WAIT_MS_MAX = 30_000;
const TIMEOUT_MS = 300_000; // without a word, until the server says how long
const ALIVE_MS = 75_000; // who is there says so every minute
const OPENING_MS = 10_000; // longer than that nobody opens a connection
const HELD_MAX = 1_000; // events that wait for a resume; what goes is asked for again

/**
 * `url` is the HTTP endpoint of the channels: the server this module came from unless it is said,
 * on AWS `https://….appsync-api.….amazonaws.com/event`. `token` gives an access token or nothing,
 * and is asked for a fresh one when the last was refused. `changed` is told "connecting",
 * "connected" and "waiting".
 */
export function connect({ url, token = () => "", changed = () => {} } = {}) {
  return new Channels(new URL(url ?? "channels/event", url ? location.href : import.meta.url),
    token, changed);
}

class Channels {
  #url; #token; #changed; #socket; #timer; #silence;
  #subscriptions = new Map();
  #tries = 0; #count = 0; #timeoutMs = TIMEOUT_MS; #heardAt = 0;
  #isRefused = false; #isClosed = false; #isReady = false;

  constructor(url, token, changed) {
    this.#url = url;
    this.#token = token;
    this.#changed = changed;
    globalThis.addEventListener?.("online", this.#back);
    globalThis.document?.addEventListener("visibilitychange", this.#back);
    this.#open();
  }

  /** Returns what ends the subscription. */
  subscribe(channel, { event, resume, refused = () => {}, after = 0, seq = (one) => one?.seq }) {
    const id = `s${++this.#count}`;
    const subscription = new Subscription({ id, channel, event, resume, refused, after, seq });
    this.#subscriptions.set(id, subscription);
    if (this.#isReady) this.#ask(subscription);
    return () => {
      subscription.end();
      if (this.#subscriptions.delete(id)) this.#send({ type: "unsubscribe", id });
    };
  }

  /**
   * Who has reason to believe that something was missed says so: nothing is waited for any more, and
   * every `resume` is called. By itself it is so when the machine is online again, and when the page
   * is seen again.
   */
  resume() {
    if (this.#isClosed) return;
    if (this.#timer !== undefined) return void this.#open();
    if (!this.#socket) return; // it is being opened
    const silent = Date.now() - this.#heardAt; // a clock that goes on while the machine sleeps
    if (silent > (this.#isReady ? ALIVE_MS : OPENING_MS)) {
      this.#drop(this.#socket);
      return void this.#open();
    }
    if (!this.#isReady) return;
    this.#await(this.#socket, ALIVE_MS); // it may be gone, and nobody was told
    for (const one of this.#subscriptions.values()) one.catchUp();
  }

  close() {
    this.#isClosed = true;
    globalThis.removeEventListener?.("online", this.#back);
    globalThis.document?.removeEventListener("visibilitychange", this.#back);
    clearTimeout(this.#timer);
    for (const one of this.#subscriptions.values()) one.end();
    this.#subscriptions.clear();
    this.#drop(this.#socket);
  }

  // -- the connection

  async #open() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changed("connecting");
    const fresh = this.#isRefused;
    let authorization;
    try {
      authorization = await this.#authorization(fresh);
      if (this.#isClosed) return;
      const header = base64url(JSON.stringify({ host: this.#url.host, ...authorization }));
      const protocols = ["aws-appsync-event-ws", `header-${header}`];
      const socket = new WebSocket(realtime(this.#url), protocols);
      this.#socket = socket;
      socket.onopen = () => socket.send('{"type":"connection_init"}');
      socket.onmessage = ({ data }) => this.#told(socket, JSON.parse(data));
      socket.onclose = () => this.#ended(socket);
      this.#listen(socket);
    } catch { // no token could be had, or there is no network to ask
      this.#wait();
    }
  }

  #told(socket, message) {
    if (socket !== this.#socket) return;
    this.#listen(socket);
    const subscription = this.#subscriptions.get(message.id);
    switch (message.type) {
      case "connection_ack":
        this.#timeoutMs = message.connectionTimeoutMs ?? TIMEOUT_MS;
        this.#isReady = true;
        this.#isRefused = false;
        this.#changed("connected");
        for (const one of this.#subscriptions.values()) this.#ask(one);
        break;
      case "connection_error":
        this.#isRefused = true;
        this.#ended(socket);
        break;
      case "subscribe_success":
        this.#tries = 0;
        subscription?.begin();
        break;
      case "subscribe_error":
        if (subscription) this.#refuse(subscription, message.errors?.[0]);
        break;
      case "data":
        for (const text of [message.event].flat()) subscription?.take(JSON.parse(text));
    }
  }

  #refuse(subscription, error = {}) {
    if (error.errorType?.startsWith("Unauthorized") && !subscription.isRefused) {
      subscription.isRefused = true; // once more, with a fresh token
      this.#ask(subscription);
      return;
    }
    this.#subscriptions.delete(subscription.id);
    subscription.end();
    subscription.refused(error);
  }

  async #ask(subscription) {
    const socket = this.#socket;
    try {
      const authorization = await this.#authorization(subscription.isRefused);
      if (socket !== this.#socket || !this.#subscriptions.has(subscription.id)) return;
      const { id, channel } = subscription;
      const said = { host: this.#url.host, ...authorization };
      this.#send({ type: "subscribe", id, channel, authorization: said });
    } catch {
      this.#ended(socket);
    }
  }

  /** AppSync asks nobody about an empty token. */
  async #authorization(fresh) {
    return { Authorization: (await this.#token({ fresh })) || "none" };
  }

  #send(message) {
    if (this.#isReady && this.#socket?.readyState === WebSocket.OPEN)
      this.#socket.send(JSON.stringify(message));
  }

  /** A server that says nothing for too long is not there any more. */
  #listen(socket) {
    this.#heardAt = Date.now();
    this.#await(socket, this.#timeoutMs);
  }

  #await(socket, timeoutMs) {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#ended(socket), timeoutMs);
  }

  #ended(socket) {
    if (socket !== this.#socket) return;
    // A handshake that is refused looks like one that fails: the second time the token may be it.
    this.#isRefused ||= !this.#isReady && this.#tries > 0;
    this.#drop(socket);
    if (!this.#isClosed) this.#wait();
  }

  #drop(socket) {
    clearTimeout(this.#silence);
    this.#socket = undefined;
    this.#isReady = false;
    for (const one of this.#subscriptions.values()) one.pause();
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    socket?.close();
  }

  /** Longer each time, and for nobody exactly as long as for another. */
  #wait() {
    const most = Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** this.#tries++);
    this.#changed("waiting");
    this.#timer = setTimeout(() => this.#open(), most * (0.5 + Math.random() / 2));
  }

  #back = () => {
    if (globalThis.document?.visibilityState !== "hidden") this.resume();
  };
}

class Subscription {
  isRefused = false;
  #last; #held = []; #isOn = false; #isResuming = false; #isEnded = false; #round = 0;

  constructor(said) {
    Object.assign(this, { id: said.id, channel: said.channel, refused: said.refused });
    this.said = said;
    this.#last = said.after;
  }

  begin() {
    this.isRefused = false;
    this.#isOn = true;
    if (this.said.resume) this.#resume(this.#round);
  }

  /** Once more, at once: what is asked for already may have been asked too early. */
  catchUp() {
    if (this.#isOn && this.said.resume) this.#resume(++this.#round);
  }

  pause() {
    this.#round++; // what was asked for before is not waited for any more
    this.#isOn = false;
    this.#held = [];
    this.#isResuming = false;
  }

  end() {
    this.#isEnded = true;
    this.pause();
  }

  take(event) {
    const seq = this.said.seq(event);
    if (typeof seq !== "number" || !this.said.resume) return this.#give(event);
    if (!this.#isResuming && seq > this.#last + 1) this.#resume(this.#round);
    if (this.#isResuming) return this.#held.length < HELD_MAX && this.#held.push(event);
    this.#next(event);
  }

  async #resume(round, tries = 0) {
    this.#isResuming = true;
    let missed;
    try {
      missed = await this.said.resume(this.#last);
    } catch {
      const most = Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** tries);
      setTimeout(() => round === this.#round && this.#resume(round, tries + 1),
        most * (0.5 + Math.random() / 2));
      return;
    }
    if (round !== this.#round) return;
    const before = this.#last;
    const { seq } = this.said;
    const held = [...(missed ?? []), ...this.#held].sort((a, b) => seq(a) - seq(b));
    this.#held = [];
    while (held.length && seq(held[0]) <= this.#last + 1) this.#next(held.shift());
    this.#isResuming = false;
    if (!held.length) return;
    if (this.#last > before) return void held.forEach((one) => this.take(one)); // there is more
    held.forEach((one) => this.#next(one)); // what is missing is nowhere any more
  }

  /** In its turn; what was had already is not handed on again. */
  #next(event) {
    const seq = this.said.seq(event);
    if (seq <= this.#last) return;
    this.#last = seq;
    this.#give(event);
  }

  #give(event) {
    if (!this.#isEnded) this.said.event(event);
  }
}

function realtime(url) {
  const found = new URL(url);
  found.protocol = url.protocol === "http:" ? "ws:" : "wss:";
  found.host = url.host.replace(".appsync-api.", ".appsync-realtime-api.");
  found.pathname = `${url.pathname.replace(/\/$/, "")}/realtime`;
  return found.href;
}

function base64url(text) {
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
