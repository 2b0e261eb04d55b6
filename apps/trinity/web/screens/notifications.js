// What happened in one's rooms while one was elsewhere.

import { told } from "../chrome.js";
import { ago, t } from "../i18n.js";
import { leadsTo } from "../inbox.js";
import { button, empty, fill, h, icon } from "../ui.js";

const GLYPHS = {
  match: "heart", shortlist: "list", no_consensus: "poll", runoff: "poll", poll: "poll", undecided: "poll", decided: "star",
  extended: "plus", rules: "users", started: "play", completed: "check", cancelled: "x", restarted: "refresh",
  host: "crown", kicked: "door", banned: "door",
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
    const next = async () => more(await ctx.api.get(`/notifications?cursor=${encodeURIComponent(cursor)}`));
    fill(foot, cursor && button(t("more"), next));
  };
  more(first);
  told(first.unread);
  return h(".screen", h("header.row.apart", h("h1", t("notices.title")), all), list, foot);
}

function notice(ctx, one) {
  const isUnread = !one.is_read;
  const said = { title: one.title ?? "", question: one.question ?? "", name: one.name ?? "" };
  const open = () => isUnread && ctx.api.post("/notifications/read", { ids: [one.id] }).catch(() => {});
  return h("li", h("a.room-card", { class: isUnread ? "unread" : "", href: leadsTo(one.kind, one.next ?? one.room_id), onclick: open },
    h("span.room-glyph", { class: one.kind === "match" ? "warm" : "" }, icon(GLYPHS[one.kind] ?? "bell")),
    h("span.room-words", h("strong", t(`notice.${one.kind}`, said)),
      h("span.muted.small", `${one.room_name} · ${ago(one.at)}`)),
    isUnread && h("span.new-dot", h("span.only-heard", t("notices.new")))));
}
