// Before anything is painted: the theme that was chosen, or the machine's.
(() => {
  let chosen = "system";
  try {
    chosen = localStorage.getItem("trinity.theme") ?? "system";
  } catch {
    // without storage it is the machine's
  }
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = chosen === "system" ? (isDark ? "dark" : "light") : chosen;
})();
