// Keeps the shell, so that it opens without a network too. What comes from the Api is never kept:
// a room is what the server says it is.

const SHELL = "trinity-shell-3";
const STYLES = ["ground", "pieces", "rooms", "swiping", "deciding", "remains", "present"];
const FIRST = ["/", ...STYLES.map((one) => `/styles/${one}.css`), "/theme.js", "/app.js", "/icons/mark.svg"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((shell) => shell.addAll(FIRST)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forget().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !isOfShell(request.url)) return;
  event.respondWith(fresh(request.mode === "navigate" ? new Request("/") : request));
});

// What a page has loaded before this worker was there.
self.addEventListener("message", (event) => event.waitUntil(keep(event.data.filter(isOfShell))));

function isOfShell(address) {
  const { origin, pathname } = new URL(address);
  return origin === location.origin && (pathname === "/_skylift/channel.js" || !/^\/(api|_skylift)\//.test(pathname));
}

async function keep(addresses) {
  const shell = await caches.open(SHELL);
  const has = await Promise.all(addresses.map((one) => shell.match(one)));
  await Promise.allSettled(addresses.filter((_, at) => !has[at]).map((one) => fresh(new Request(one))));
}

/** What the network says; what was kept, when there is none. */
async function fresh(request) {
  const shell = await caches.open(SHELL);
  try {
    const answer = await fetch(request);
    if (answer.ok) await shell.put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await shell.match(request);
    if (kept) return kept;
    throw error;
  }
}

async function forget() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name)));
}
