// The library of what was agreed on.

import { day, t } from "../i18n.js";
import { facts, genreNames, poster } from "../titles.js";
import { button, empty, fill, h, link } from "../ui.js";
import { tabs } from "./history.js";

export default async function matches(ctx) {
  const [first] = await Promise.all([ctx.api.get("/matches", { signal: ctx.signal }), genreNames(ctx.api)]);
  if (!first.items.length) {
    return h(".screen.wide", h("header.head", h("h1", t("matches.title")), tabs("/matches")),
      empty("heart", t("matches.none"), t("matches.none_text"), link(t("home.new"), "/new", { kind: "main", icon: "plus" })));
  }
  const grid = h("ul.library");
  const foot = h(".row");
  const more = ({ items, cursor }) => {
    grid.append(...items.map((one) => tile(one.title, one)));
    fill(foot, cursor && button(t("more"), async () => more(await ctx.api.get(`/matches?cursor=${encodeURIComponent(cursor)}`))));
  };
  more(first);
  return h(".screen.wide", h("header.head", h("h1", t("matches.title")), tabs("/matches")), grid, foot);
}

/** A poster with what is known of it and of the room that chose it. */
export function tile(title, one) {
  return h("li", h("a.agreed", { href: `/rooms/${one.room_id}/results` },
    h(".agreed-poster", { "aria-hidden": "true" }, poster(title)),
    h("strong", title.name), h("span.muted.small", facts(title)),
    h("span.muted.small", [one.room_name, day(one.at)].filter(Boolean).join(" · "))));
}
