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
  const took = room.ended_at && (new Date(room.ended_at) - new Date(room.started_at)) / 1000;
  const [match] = room.matches;
  return h("li", h("a.room-card", { href: `/rooms/${room.id}/results` },
    h("span.room-glyph", icon(match ? "heart" : room.kind === "list" ? "list" : "film")),
    h("span.room-words", h("strong", match?.name ?? room.name),
      h("span.muted.small", [match && room.name, day(room.ended_at ?? room.started_at), t("members", { n: room.members.length }), took && lasting(took)].filter(Boolean).join(" · "))),
    status(room.status), icon("chevron")));
}
