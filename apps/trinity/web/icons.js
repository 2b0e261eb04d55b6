// What is drawn: strokes of 24 by 24, and the mark.

import { s } from "./ui.js";

const ICONS = {
  back: "M15 5l-7 7 7 7",
  ban: "M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 6l12 12",
  bell: "M6 16v-5a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4",
  chart: "M5 20V11M12 20V4M19 20v-6",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevron: "M9 5l7 7-7 7",
  clock: "M12 7v5l3.5 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  crown: "M4 18h16M4 15l-1-8 5 3.5L12 5l4 5.5L21 7l-1 8z",
  dice: "M5 5h14v14H5zM9 9h.01M15 9h.01M12 12h.01M9 15h.01M15 15h.01",
  door: "M14 4H6v16h8M11 12h10M17.5 8.5L21 12l-3.5 3.5",
  film: "M4 5h16v14H4zM8 5v14M16 5v14M4 9.7h4M4 14.3h4M16 9.7h4M16 14.3h4",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  heart: "M12 20S4 15 4 9.3A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.3C20 15 12 20 12 20z",
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  library: "M5 4v16M10 4v16M14 4.5l5 15",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  offline: "M4 4l16 16M8.5 16.5a5 5 0 0 1 7 0M5 12.5a10 10 0 0 1 4-2.4M19 12.5a10 10 0 0 0-5-2.700M12 20h.01M2 8.500a15 15 0 0 1 4-2.600M22 8.5A15 15 0 0 0 10.5 5",
  pause: "M8 5v14M16 5v14",
  play: "M7 4.5v15l12-7.5z",
  plus: "M12 5v14M5 12h14",
  poll: "M4 6h16M4 12h10M4 18h13",
  refresh: "M19 8a8 8 0 1 0 1 6M20 4v4.5h-4.5",
  screen: "M3 5h18v11H3zM9 20h6M12 16v4",
  share: "M12 15V4M8 7.5L12 3.5l4 4M5 12v8h14v-8",
  star: "M12 4l2.5 5.2 5.7.8-4.1 4 1 5.6-5.1-2.7-5.1 2.7 1-5.6-4.1-4 5.7-.8z",
  undo: "M8 5L4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.8-4 3.8-6 7.5-6s6.7 2 7.5 6",
  users: "M9 11.500a3.7 3.7 0 1 0 0-7.4 3.7 3.7 0 0 0 0 7.400zM2.5 20c.6-3.7 3-5.5 6.5-5.500s5.9 1.8 6.5 5.500M16 4.500a3.6 3.6 0 0 1 0 6.800M17.5 14.700c2.2.7 3.6 2.4 4 5.3",
  x: "M6 6l12 12M18 6L6 18",
};

export function icon(name) {
  return s(`svg.icon.icon-${name}`, { viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    s("path", { d: ICONS[name] }));
}

/** Three circles, and what they share: the match. */
export function mark() {
  return s("svg.mark", { viewBox: "0 0 48 48", "aria-hidden": "true" },
    s("circle.ring", { cx: 24, cy: 17, r: 12.5 }),
    s("circle.ring", { cx: 17, cy: 29.5, r: 12.5 }),
    s("circle.ring", { cx: 31, cy: 29.5, r: 12.5 }),
    s("path.heart", { d: "M24 18.800a12.5 12.5 0 0 1 5.4 8.5 12.5 12.5 0 0 1-5.4 2.5 12.5 12.5 0 0 1-5.4-2.5 12.5 12.5 0 0 1 5.4-8.500z" }));
}
