// Several matches, of which one is still to be taken: by the host, a runoff or chance.

import { decide, deciding } from "../deciding.js";
import { t } from "../i18n.js";
import { roomHead } from "../roomhead.js";
import { facts, genreNames, poster } from "../titles.js";
import { button, h } from "../ui.js";

export default async function shortlist(ctx, live) {
  const [results] = await Promise.all([ctx.api.get(`/rooms/${live.id}/results`), genreNames(ctx.api)]);
  const { room } = live;
  const found = new Map(results.titles.map((one) => [one.title.id, one]));
  const best = results.shortlist.map((id) => found.get(id)).filter(Boolean);
  return h(".screen.wide.stalemate",
    roomHead(ctx, live, { title: t("match.several", { n: room.matches.length }) }),
    h("p.lead", t("match.several_lead")),
    h(".stalemate-grid",
      room.is_host ? deciding(ctx, live, best.length) : h("p.muted", t("stalemate.host_text")),
      h("ol.near", best.map((one) => liked(ctx, live, one, results.voters)))));
}

function liked(ctx, live, { title, likes }, voters) {
  return h("li.miss", h(".miss-poster", { "aria-hidden": "true" }, poster(title)),
    h(".miss-words", h("h3", title.name), h("p.small.muted", facts(title)),
      h("p.small.numbers", t("stalemate.likes", { n: likes, of: voters }))),
    live.room.is_host && button(t("decide.take"), () => decide(ctx, live, title),
      { kind: "slim", "aria-label": t("decide.take_one", { name: title.name }) }));
}
