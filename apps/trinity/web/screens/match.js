// The match: celebrated once, then what one does with it.

import { lasting, t } from "../i18n.js";
import { nextRound } from "../nextround.js";
import { howOf, reveal } from "../reveal.js";
import { quietHead } from "../roomhead.js";
import { facts, genreNames, poster } from "../titles.js";
import { avatar, button, confirm, h, icon, link } from "../ui.js";

export default async function match(ctx, live) {
  const { room } = live;
  const counted = ctx.api.get(`/rooms/${live.id}/results`).catch(() => null);
  await genreNames(ctx.api);
  const how = h("span", "\u00a0"), likes = h(".concord", crowd(room));
  counted.then((results) => { // the moment waits for no figures
    const won = results?.titles.find((one) => one.title.id === room.match.id);
    how.textContent = howOf(room, won?.likes ?? null);
    if (won) likes.append(agreed(room, won));
  });
  return h(".screen.match",
    quietHead(ctx, live),
    reveal(room.match, how, likes, actions(ctx, live)),
    room.matches.length > 1 && h("section.section", h("h2", t("match.others")),
      h("ol.near", room.matches.slice(1).map((title) => also(title)))));
}

function agreed(room, won) {
  const seconds = room.started_at && room.ended_at ? (new Date(room.ended_at) - new Date(room.started_at)) / 1000 : null;
  return h("p", won.likes >= room.members.length ? t("match.all", { n: won.likes })
    : t("match.some", { n: won.likes, of: room.members.length }),
  seconds !== null && h("span.muted", ` · ${t("match.after", { time: lasting(seconds) })}`));
}

function crowd(room) {
  return h(".concord-faces", { "aria-hidden": "true" }, room.members.slice(0, 8).map((one) => avatar(one.name, one.id)));
}

function actions(ctx, live) {
  const { room } = live;
  return h(".match-actions", nextRound(live),
    link(t("match.results"), `/rooms/${live.id}/results`, { kind: "main big", icon: "chart" }),
    room.is_host && button(t("match.again"), () => again(ctx, live), { icon: "refresh" }),
    link(t("match.back"), "/", { kind: "quiet" }));
}

async function again(ctx, live) {
  if (!(await confirm(t("match.again"), t("match.again_text"), t("match.again_yes")))) return;
  const next = await ctx.api.post(`/rooms/${live.id}/restart`);
  ctx.go(`/rooms/${next.id}`);
}

function also(title) {
  return h("li.miss", h(".miss-poster", { "aria-hidden": "true" }, poster(title)),
    h(".miss-words", h("h3", title.name), h("p.small.muted", facts(title))));
}
