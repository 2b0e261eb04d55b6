// The colours of a poster, and the genres that they and its scene are for.

import { burst, contours, pair, party, tiles } from "./abstract.js";
import { arches, blinds, glass, keyhole, pane, record, spiral, stage } from "./inside.js";
import { boat, castle, city, front, haunted, landing, lighthouse, meadow, mesas, planets, road, summit } from "./outside.js";

// Dark, middle, light, accent, and what is written with.
export const COLOURS = {
  dusk: ["#1b1740", "#5a2a6e", "#e0567a", "#ffb26b", "#fff1dc"],
  sea: ["#06283d", "#0f5c7a", "#3fb8af", "#ffd166", "#f3fff8"],
  ember: ["#2a0c14", "#7a1f22", "#e2552f", "#ffb443", "#fff0d6"],
  wood: ["#0e2320", "#1f5146", "#7fae68", "#f0d78c", "#fbf8e6"],
  night: ["#0d0f14", "#2a2f3a", "#7d8597", "#f2c14e", "#f7f3e8"],
  rose: ["#3a0f2e", "#8e2a5b", "#f2789f", "#ffd3c2", "#fff6f0"],
  ice: ["#0c1b3a", "#2f5fa3", "#8ec5ea", "#f4d58d", "#ffffff"],
  sand: ["#3d1f14", "#94482a", "#e9a15b", "#ffe0a3", "#fff8e8"],
  moss: ["#10151f", "#214b3b", "#8fcf5d", "#f2f58a", "#f8fff0"],
  sweet: ["#2d1b69", "#6b35cf", "#ff7ac6", "#ffe66d", "#fff9f0"],
  blood: ["#12060a", "#4a0d1a", "#b5152b", "#ff6b5e", "#fbeae4"],
  harbour: ["#131c2b", "#2c4a63", "#e76f51", "#f4b261", "#fdf3e3"],
  plum: ["#1a0b2e", "#4b1d6b", "#c84b9e", "#ffc857", "#fdf0ff"],
  tide: ["#04222a", "#0b5563", "#a2d6c9", "#ff8a5b", "#f4fbf7"],
  amber: ["#20140a", "#6b3d12", "#d98b2b", "#ffd98a", "#fff6e2"],
  slate: ["#10161f", "#35465c", "#9db4c8", "#ff6f61", "#f5f8fb"],
};
// The genres that say most of a picture come first.
export const GENRES = {
  western: [["sand", "ember", "amber"], [mesas]],
  science_fiction: [["dusk", "sea", "moss", "ice", "tide", "plum"], [planets, landing]],
  horror: [["blood", "night", "moss", "slate"], [haunted, spiral, pane]],
  music: [["sweet", "rose", "dusk", "plum"], [record]],
  war: [["night", "wood", "ember", "slate"], [front]],
  animation: [["sweet", "sea", "moss", "rose", "tide"], [meadow, boat]],
  fantasy: [["dusk", "ice", "wood", "plum"], [castle]],
  documentary: [["sea", "wood", "harbour", "tide"], [contours]],
  romance: [["rose", "dusk", "harbour", "plum"], [pair, glass]],
  history: [["sand", "harbour", "wood", "amber"], [arches]],
  family: [["sea", "sweet", "ice", "tide"], [meadow, boat]],
  mystery: [["night", "dusk", "ice", "plum", "slate"], [keyhole, spiral, blinds]],
  adventure: [["harbour", "sea", "sand", "wood", "tide"], [summit, lighthouse, boat]],
  crime: [["night", "harbour", "blood", "amber", "slate"], [city, blinds]],
  comedy: [["sweet", "harbour", "sea", "rose", "tide"], [party, glass]],
  action: [["ember", "harbour", "blood", "slate"], [burst, road]],
  thriller: [["night", "blood", "ice", "ember", "slate", "plum"], [road, blinds, pane, city]],
  drama: [["harbour", "dusk", "wood", "sand", "amber", "slate"], [stage, pane, lighthouse]],
};
export const NO_GENRE = [Object.keys(COLOURS), [tiles]];

