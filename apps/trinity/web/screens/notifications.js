// What happened in one's rooms while one was elsewhere.

import { told } from "../chrome.js";
import { ago, t } from "../i18n.js";
import { button, empty, fill, h, icon } from "../ui.js";

const GLYPHS = {
  match: "heart", no_consensus: "poll", runoff: "poll", decided: "star", kicked: "door", banned: "door", host: "crown",
  completed: "check", cancelled: "x", started: "play", poll: "poll", restarted: "refresh",
};

export default async function notifications(ctx) {
  const list = h("ul.list.notices");
  const foot = h(".row");
  const first = await ctx.api.get("/notifications", { signal: ctx.signal });
  if (!first.items.length) return h(".screen", h("h1", t("notices.title")), empty("bell", t("notices.none"), t("notices.none_text")));

  const all = button(t("notices.read"), async () => {
    await ctx.api.post("/notifications/read", { all: true });
    told(0);
    for (const one of list.querySelectorAll(".unread")) one.classList.remove("unread");
    all.hidden = true;
  }, { kind: "slim", icon: "check" });
  all.hidden = first.unread === 0;

  const more = ({ items, cursor }) => {
    list.append(...items.map((one) => notice(ctx, one)));
    fill(foot, cursor && button(t("more"), async () => more(await ctx.api.get(`/notifications?cursor=${encodeURIComponent(cursor)}`)), {}));
  };
  more(first);
  told(first.unread);
  return h(".screen", h("header.row.apart", h("h1", t("notices.title")), all), list, foot);
}

function notice(ctx, one) {
  const kind = one.kind ?? one.about;
  const isUnread = !(one.is_read ?? one.read_at);
  const open = () => isUnread && ctx.api.post("/notifications/read", { ids: [one.id] }).catch(() => {});
  return h("li", h("a.room-card", { class: isUnread ? "unread" : "", href: one.room_id ? `/rooms/${one.room_id}` : "/notifications", onclick: open },
    h("span.room-glyph", { class: kind }, icon(GLYPHS[kind] ?? "bell")),
    h("span.room-words", h("strong", said(one, kind)), h("span.muted.small", [one.room_name ?? one.room, ago(one.at)].filter(Boolean).join(" · "))),
    isUnread && h("span.new-dot", h("span.only-heard", t("notices.new")))));
}

function said(one, kind) {
  const known = t(`notice.${kind}`, { title: one.title_name ?? one.title?.name ?? one.text ?? "", name: one.name ?? "" });
  return known.startsWith("notice.") ? (one.text ?? kind) : known;
}
