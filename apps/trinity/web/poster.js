// A stand-in until posters are drawn.

import { hueOf, s } from "./ui.js";

export function poster(title) {
  const hue = hueOf(title.id);
  return s("svg", { viewBox: "0 0 300 450", preserveAspectRatio: "xMidYMid slice", role: "img", "aria-label": title.name },
    s("rect", { width: 300, height: 450, fill: `hsl(${hue} 45% 28%)` }),
    s("circle", { cx: 210, cy: 140, r: 120, fill: `hsl(${(hue + 40) % 360} 70% 55%)` }),
    s("text", { x: 24, y: 250, fill: "#fff", "font-size": 40, "font-family": "Georgia, serif" }, title.name));
}
