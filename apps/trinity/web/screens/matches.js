// The library of what was agreed on.

import { few } from "../crew.js";
import { day, t } from "../i18n.js";
import { remembered } from "../remembered.js";
import { poster } from "../titles.js";
import { avatar, button, empty, fill, h, icon, link } from "../ui.js";
import { tabs } from "./history.js";

const FACES = 5;

export default async function matches(ctx) {
  const first = await ctx.api.get("/matches", { signal: ctx.signal });
  const grid = h("ul.library"), foot = h(".row");
  const more = ({ items, cursor }) => {
    grid.append(...items.map((one) => tile(ctx, one.title, one)));
    fill(foot, cursor && button(t("more"), async () => more(await ctx.api.get(`/matches?cursor=${encodeURIComponent(cursor)}`))));
  };
  more(first);
  const isEmpty = !first.items.length && !first.cursor;
  return h(".screen.wide", h("header.head", h("h1", t("matches.title")), tabs("/matches")),
    isEmpty ? empty("heart", t("matches.none"), t("matches.none_text"), link(t("home.new"), "/new", { kind: "main", icon: "plus" }))
      : [grid, foot]);
}

/** A poster with what is known of it, of the room that chose it and of who was there. */
export function tile(ctx, title, { room_id: room, room_name: name, at, members = [], is_decided: isDecided = false }) {
  return h("li", h("a.agreed", remembered(ctx, room),
    h(".agreed-poster", { "aria-hidden": "true" }, poster(title),
      isDecided && h("span.agreed-how", icon("crown"))),
    h("strong", title.name),
    h("span.muted.small", [name, day(at)].filter(Boolean).join(" · ")),
    isDecided && h("span.only-heard", t("match.chosen")),
    members.length > 0 && h("span.agreed-by", { title: few(members) },
      members.slice(0, FACES).map((one) => avatar(one)), h("span.only-heard", few(members)))));
}
