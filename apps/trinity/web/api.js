// The Api, as screens call it. It carries the token, gets the next one in time (one tab at a time: a
// refresh token is good once), repeats what the network lost, and turns every refusal into a Problem.

import { heard } from "./clock.js";
import { session } from "./store.js";
import { waitOf } from "./waits.js";

const EARLY_MS = 60_000; // before a token ends
const TRIES = 3, WAIT_MS = 250;
const PATIENCE_MS = 15_000; // with one try: a network that is gone may keep a phone waiting for ever

/** What the server refused, or that it could not be reached (status 0, code OFFLINE). */
export class Problem extends Error {
  constructor(status, code, text, retryAfter = null) {
    super(text);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  get isOffline() {
    return this.status === 0;
  }
}

/** `crypto.randomUUID` is there only where the page came by https. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
}

/** An Api for one session: the page's own, or that of a presenter's screen. */
export function client(kept) {
  const ask = (method) => (path, body, options) => call(kept, method, path, body, options);
  return {
    get: (path, options) => call(kept, "GET", path, undefined, options),
    post: ask("POST"),
    put: ask("PUT"),
    patch: ask("PATCH"),
    del: (path, options) => call(kept, "DELETE", path, undefined, options),
    token: ({ fresh = false } = {}) => token(kept, fresh),
    session: kept,
  };
}

export const api = client(session);

/** What the server calls a Session, as it is kept. */
export function signedIn(answer, kept = session) {
  const { expires_in, ...rest } = answer;
  kept.set({ ...rest, expires_at: Date.now() + expires_in * 1000 });
}

/** `key` makes repeats of one deed one deed, also over a reload; `open` sends no token. */
async function call(kept, method, path, body, options = {}) {
  const { key = method === "GET" ? null : newKey(), open = false, signal } = options;
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (key) headers["idempotency-key"] = key;
  for (let isAgain = false; ; isAgain = true) {
    const access = open ? null : await token(kept, isAgain);
    if (access) headers.authorization = `Bearer ${access}`;
    const sent = { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) };
    const answer = await reached(`/api${path}`, sent);
    if (answer.status === 401 && access && !isAgain) continue; // it may have ended on the way
    if (answer.ok) return read(answer);
    throw problem(answer);
  }
}

/** Lost answers are asked for again: the key makes a repeat harmless. */
async function reached(url, sent) {
  for (let tried = 1; ; tried++) {
    try {
      const answer = await whole(url, sent);
      if (answer.status !== 503 || tried === TRIES) return answer;
    } catch (error) {
      if (sent.signal?.aborted) throw error; // nobody waits for it any more
      if (tried === TRIES || !navigator.onLine) throw new Problem(0, "OFFLINE", "no connection");
    }
    await new Promise((done) => setTimeout(done, waitOf(tried, WAIT_MS)));
  }
}

/** The answer with its text, which may get lost as well. */
async function whole(url, sent) {
  const late = AbortSignal.timeout(PATIENCE_MS);
  const signal = sent.signal ? AbortSignal.any([sent.signal, late]) : late;
  const answer = await fetch(url, { ...sent, signal });
  heard(answer);
  const { ok, status, headers } = answer;
  return { ok, status, headers, text: await answer.text() };
}

function read({ text }) {
  return text ? JSON.parse(text) : null;
}

function problem(answer) {
  let told = {};
  try {
    told = read(answer) ?? {};
  } catch {
    // an error of something in between has no body of ours
  }
  const after = Number(answer.headers.get("retry-after")) || told.retry_after_s || null;
  const code = told.code ?? `HTTP_${answer.status}`;
  return new Problem(answer.status, code, told.detail ?? told.title ?? "", after);
}

// -- tokens

async function token(kept, fresh) {
  const now = kept.get();
  if (!now) return null;
  if (!fresh && now.expires_at - EARLY_MS > Date.now()) return now.access;
  return alone(() => refreshed(kept, now));
}

let last = Promise.resolve();

/** One tab at a time; without locks (a page that came by plain http) one call at a time. */
function alone(deed) {
  if (navigator.locks) return navigator.locks.request("trinity.refresh", deed);
  const next = last.then(deed, deed);
  last = next.catch(() => {});
  return next;
}

async function refreshed(kept, before) {
  const now = kept.get();
  if (!now) return null;
  if (now.refresh !== before.refresh) return now.access; // another tab did it meanwhile
  const answer = await reached("/api/auth/refresh", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ refresh: now.refresh }),
  });
  if (answer.ok) {
    signedIn({ ...now, ...read(answer) }, kept);
    return kept.get().access;
  }
  if (answer.status === 401) {
    kept.set(null);
    return null;
  }
  throw problem(answer);
}
