// The swipe screen where there is nothing to swipe: he is through, came too late to have a vote, or
// the room is paused.

import { crew, kept, pending } from "./crew.js";
import { t } from "./i18n.js";
import { small } from "./titles.js";
import { button, h, icon } from "./ui.js";

export function watching() {
  return rest("user", t("watching.title"), h("p.muted", t("watching.text")));
}

/** `liked` is what he liked himself, to look at while he waits. */
export function through(live, me, liked) {
  return rest("clock", t("through.title"),
    kept(live, (room) => h(".stack", h("p.muted", waits(room, me)), crew(room, me))),
    liked.length > 0 && h("section.section", h("h3", t("through.liked", { n: liked.length })),
      h(".tiles", { tabindex: "0", role: "group", "aria-label": t("through.liked", { n: liked.length }) }, liked.map((title) => small(title)))));
}

function rest(glyph, title, ...more) {
  return h(".rest", h(".empty-art", { class: glyph === "clock" ? "pulse" : "" }, icon(glyph)), h("h2", title), more);
}

function waits(room, me) {
  const { count, names } = pending(room, me);
  return count ? t("through.waiting", { n: count, names }) : t("through.last");
}

export function paused(ctx, live) {
  const resume = async () => live.show(await ctx.api.post(`/rooms/${live.id}/resume`));
  return h(".paused-card", h(".empty-art", icon("pause")), h("h2", t("paused.title")), h("p.muted", t("paused.text")),
    live.room.is_host && button(t("menu.resume"), resume, { kind: "main", icon: "play" }));
}
