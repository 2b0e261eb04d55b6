// Rooms that are over.

import { few } from "../crew.js";
import { day, t } from "../i18n.js";
import { remembered } from "../remembered.js";
import { cover, thumbnail } from "../titles.js";
import { button, empty, fill, h, icon, link } from "../ui.js";
import { status } from "./home.js";

export default async function history(ctx) {
  const first = await ctx.api.get("/history", { signal: ctx.signal });
  const list = h("ul.list"), foot = h(".row");
  const more = ({ items, cursor }) => {
    list.append(...items.map((one) => past(ctx, one)));
    fill(foot, cursor && button(t("more"), async () => more(await ctx.api.get(`/history?cursor=${encodeURIComponent(cursor)}`))));
  };
  more(first);
  const isEmpty = !first.items.length && !first.cursor;
  return h(".screen", h("header.head", h("h1", t("history.title")), tabs("/history")),
    isEmpty ? empty("clock", t("history.none"), t("history.none_text"), link(t("home.new"), "/new", { kind: "main", icon: "plus" }))
      : [list, foot]);
}

export function tabs(here) {
  const places = [["/matches", "matches.title"], ["/history", "history.title"]];
  return h("nav.switch", { "aria-label": t("nav.matches") }, places.map(([href, key]) =>
    h("a", { href, "aria-current": href === here ? "page" : null }, t(key))));
}

function past(ctx, room) {
  const [match] = room.matches;
  const said = [match && room.name, day(room.ended_at ?? room.started_at)];
  return h("li", h("a.room-card", remembered(ctx, room.room_id),
    h("span.room-art", match ? thumbnail(match) : cover({ ...room, id: room.room_id })),
    h("span.room-words", h("strong", match?.name ?? room.name),
      h("span.muted.small", said.filter(Boolean).join(" · ")),
      h("span.muted.small", few(room.members))),
    !match && status(room.status), icon("chevron")));
}
