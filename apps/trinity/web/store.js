// What this browser remembers: who is signed in, language and theme. Everything else is asked for.

const listeners = new Set();

/** A value of this browser, which other tabs see too. Without storage it lives as long as the page. */
function remembered(name, fallback) {
  let memory = fallback;
  const key = `trinity.${name}`;
  return {
    get() {
      try {
        const text = localStorage.getItem(key);
        return text === null ? memory : JSON.parse(text);
      } catch {
        return memory;
      }
    },
    set(value) {
      memory = value;
      try {
        if (value === null) localStorage.removeItem(key);
        else localStorage.setItem(key, JSON.stringify(value));
      } catch {
        // a private window may refuse; this page still knows
      }
      listeners.forEach((listener) => listener(name));
    },
  };
}

/** `{access, refresh, expires_at, id, name, is_guest}` or null. */
export const session = remembered("session", null);

/** The same as long as it is of this one: nobody speaks for who signs in after him. */
export function sessionOf(who) {
  const his = () => (session.get()?.id === who ? session.get() : null);
  return { get: his, set: (value) => his() && session.set(value) };
}

export const language = remembered("language", null);

/** Called with the name of what changed, here or in another tab; gives what ends it. */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

addEventListener("storage", ({ key }) => {
  if (key?.startsWith("trinity.")) listeners.forEach((listener) => listener(key.slice(8)));
});

// Read by theme.js before the page is painted, so it is kept as a bare word.
export const theme = {
  get() {
    try {
      return localStorage.getItem("trinity.theme") ?? "system";
    } catch {
      return "system";
    }
  },
  set(chosen) {
    try {
      localStorage.setItem("trinity.theme", chosen);
    } catch {
      // this page still shows it
    }
    show(chosen);
  },
};

const dark = matchMedia("(prefers-color-scheme: dark)");

function show(chosen) {
  const seen = chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
  document.documentElement.dataset.theme = seen;
}

dark.addEventListener("change", () => show(theme.get()));
