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
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (/^\/(api|_skylift)\//.test(url.pathname) && url.pathname !== "/_skylift/channel.js") return;
  event.respondWith(fresh(request.mode === "navigate" ? new Request("/") : request));
});

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
