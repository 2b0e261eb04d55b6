// The moment of the match, on a phone and on the big screen: three rings come together, and where
// they meet is the title.

import { t } from "./i18n.js";
import { facts, line, poster, rating } from "./titles.js";
import { h, s } from "./ui.js";

const LONG = 18; // letters, from which on a name is written smaller

/** `how` says in a few words what it is: a match, or what a runoff or the host has chosen. */
export function reveal(title, how, ...more) {
  return h("section.reveal",
    h(".reveal-back", { "aria-hidden": "true" }, poster(title)),
    h(".reveal-art", { "aria-hidden": "true" },
      s("svg.rings", { viewBox: "0 0 200 200" }, ["a", "b", "c"].map((one) =>
        s(`circle.${one}`, { cx: 100, cy: 100, r: 62 }))),
      h(".reveal-poster", poster(title))),
    h(".reveal-words",
      h("p.reveal-how", how),
      h("h1.reveal-name", { class: title.name.length > LONG ? "long" : "" }, title.name),
      h("p.swipe-facts", rating(title), facts(title)),
      line(title) && h("p.lead", line(title)),
      more));
}

/** A runoff, chance and the host take a title that not all like: then it is no match, but chosen. */
export function howOf(room, likes) {
  return likes === null || likes >= room.required ? t("match.title") : t("match.chosen");
}
