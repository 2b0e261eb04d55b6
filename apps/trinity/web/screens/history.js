// Rooms that are over.

import { day, lasting, t } from "../i18n.js";
import { button, empty, fill, h, icon, link } from "../ui.js";
import { status } from "./home.js";

export default async function history(ctx) {
  const first = await ctx.api.get("/history", { signal: ctx.signal });
  if (!first.items.length) {
    return h(".screen", h("h1", t("history.title")), empty("clock", t("history.none"), t("history.none_text"), link(t("home.new"), "/new", { kind: "main", icon: "plus" })));
  }
  const list = h("ul.list");
  const foot = h(".row");
  const more = ({ items, cursor }) => {
    list.append(...items.map(past));
    fill(foot, cursor && button(t("more"), async () => more(await ctx.api.get(`/history?cursor=${encodeURIComponent(cursor)}`))));
  };
  more(first);
  return h(".screen", h("header.head", h("h1", t("history.title")), tabs("/history")), list, foot);
}

export function tabs(here) {
  return h("nav.switch", { "aria-label": t("nav.matches") }, [["/matches", "matches.title"], ["/history", "history.title"]].map(([href, key]) =>
    h("a", { href, "aria-current": href === here ? "page" : null }, t(key))));
}

function past(room) {
  const took = room.started_at && room.ended_at && (new Date(room.ended_at) - new Date(room.started_at)) / 1000;
  const members = Array.isArray(room.members) ? room.members.length : room.members;
  return h("li", h("a.room-card", { href: `/rooms/${room.id}/results` },
    h("span.room-glyph", icon(room.match || room.status === "matched" ? "heart" : "film")),
    h("span.room-words", h("strong", room.match?.name ?? room.name),
      h("span.muted.small", [room.match && room.name, day(room.ended_at ?? room.created_at), members && t("members", { n: members }), took && lasting(took)].filter(Boolean).join(" · "))),
    status(room.status), icon("chevron")));
}
