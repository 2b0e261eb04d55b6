// The shell: which screen an address is, what stands around it, and where the focus goes.

import { api, Problem } from "./api.js";
import { listen } from "./inbox.js";
import { chrome } from "./chrome.js";
import { spoken, t, why } from "./i18n.js";
import { atEnd } from "./leaving.js";
import { onChange, session } from "./store.js";
import "./offline.js";
import "./swipes.js"; // what is left of them is said from the start
import { announce, blank, button, fill, link, skeleton } from "./ui.js";

// `open` is for everybody, `bare` stands without tabs.
const ROUTES = [
  ["/", "home", { open: true }],
  ["/login", "login", { open: true, bare: true }],
  ["/register", "register", { open: true, bare: true }],
  ["/confirm", "confirm", { open: true, bare: true }],
  ["/reset", "reset", { open: true, bare: true }],
  ["/join", "join", { open: true, bare: true }],
  ["/join/:code", "join", { open: true, bare: true }],
  ["/new", "new", { bare: true }],
  ["/rooms/:id", "room", { bare: true, inside: true }],
  ["/rooms/:id/results", "results", { bare: true, inside: true }],
  ["/rooms/:id/polls", "polls", { bare: true, inside: true }],
  ["/present/:id", "present", { open: true, bare: true, alone: true }],
  ["/me", "me", {}],
  ["/notifications", "notifications", {}],
  ["/history", "history", {}],
  ["/matches", "matches", {}],
];
const PATIENCE_MS = 180; // before a screen that is on its way is shown as such

let current = new AbortController();
let round = 0;

/** Shows the address. Whatever the screen before it waited for is given up. */
async function show({ isBack = false } = {}) {
  const mine = ++round;
  current.abort();
  current = new AbortController();
  const main = document.getElementById("main");
  const found = match(location.pathname);
  if (found && !found.open && !session.get()) {
    return go(`/login?next=${encodeURIComponent(location.pathname)}`, { replace: true });
  }
  chrome(found ?? {}, location.pathname);
  if (!found?.alone) listen();
  main.setAttribute("aria-busy", "true");
  const slow = setTimeout(() => mine === round && fill(main, skeleton()), PATIENCE_MS);
  const screen = await screenOf(found, context(found, current.signal));
  clearTimeout(slow);
  if (mine !== round) return undefined;
  const place = () => {
    fill(main, screen);
    main.removeAttribute("aria-busy");
    arrive(main, isBack);
  };
  if (document.startViewTransition && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
    const seen = document.startViewTransition(place);
    for (const one of [seen.ready, seen.finished]) one.catch(() => {}); // it was skipped
  } else place();
  return undefined;
}

async function screenOf(found, ctx) {
  if (!found) return lost();
  try {
    const { default: screen } = await import(`./screens/${found.name}.js`);
    return await screen(ctx);
  } catch (error) {
    if (error?.name === "AbortError") return null;
    if (!(error instanceof Problem)) console.error(error);
    return failed(error);
  }
}

/** What a screen is given. `signal` ends with it. */
function context(found, signal) {
  return {
    params: found?.params ?? {},
    query: new URLSearchParams(location.search),
    hash: location.hash.slice(1),
    me: session.get(),
    api,
    signal,
    go,
    again: () => show({ isBack: true }),
    onLeave: (deed) => atEnd(signal, deed),
  };
}

/** Who navigates by ear is told where he is, and goes on from its heading. */
function arrive(main, isBack) {
  const title = main.querySelector("h1");
  document.title = title ? `${title.textContent} · Trinity` : "Trinity";
  if (!isBack) scrollTo(0, 0);
  if (main.contains(document.activeElement) && document.activeElement !== main) return; // it chose
  if (title) {
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  } else main.focus({ preventScroll: true });
  announce(title?.textContent ?? "");
}

function match(path) {
  for (const [pattern, name, options] of ROUTES) {
    const names = [];
    const shape = pattern.replace(/:(\w+)/g, (_, one) => (names.push(one), "([^/]+)"));
    const parts = new RegExp(`^${shape}/?$`).exec(path);
    if (parts) {
      const params = Object.fromEntries(names.map((one, i) => [one, decodeURIComponent(parts[i + 1])]));
      return { name, params, ...options };
    }
  }
  return null;
}

function lost() {
  return blank("film", t("lost.title"), t("lost.text"), link(t("lost.home"), "/", { kind: "main" }));
}

function failed(error) {
  const title = t(error?.isOffline ? "failed.offline" : error?.code === "NO_ROOM" ? "failed.gone" : "failed.title");
  return blank(error?.isOffline ? "offline" : "film", title, why(error),
    button(t("again"), () => show(), { kind: "main", icon: "refresh" }),
    link(t("lost.home"), "/", { kind: "quiet" }));
}

function go(path, { replace = false } = {}) {
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  return show();
}

document.addEventListener("click", (event) => {
  const found = event.target.closest?.("a[href]");
  if (!found || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const url = new URL(found.href);
  if (url.origin !== location.origin || found.target || found.hasAttribute("download")) return;
  event.preventDefault();
  if (url.hash && url.pathname === location.pathname) {
    document.getElementById(url.hash.slice(1))?.focus();
    return;
  }
  go(url.pathname + url.search + url.hash);
});
addEventListener("popstate", () => show({ isBack: true }));

let who = session.get()?.id;
onChange((name) => {
  if (name === "language") {
    document.documentElement.lang = spoken();
    show({ isBack: true });
  }
  if (name === "session" && session.get()?.id !== who) {
    const wasSignedIn = who !== undefined;
    who = session.get()?.id;
    if (wasSignedIn && who === undefined && !match(location.pathname)?.open) show();
  }
});

document.documentElement.lang = spoken();
document.getElementById("skip").textContent = t("skip");
show();
