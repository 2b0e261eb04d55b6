// All have seen everything and there is no match: what came closest, and ways on from here.

import { listed } from "../crew.js";
import { decide, deciding } from "../deciding.js";
import { t } from "../i18n.js";
import { hostOf } from "../live.js";
import { roomHead } from "../roomhead.js";
import { facts, genreNames, poster } from "../titles.js";
import { button, h, icon } from "../ui.js";

export default async function stalemate(ctx, live) {
  const [results] = await Promise.all([ctx.api.get(`/rooms/${live.id}/results`), genreNames(ctx.api)]);
  const { room } = live;
  const found = new Map(results.titles.map((one) => [one.title.id, one]));
  const near = results.near_misses.map((id) => found.get(id)).filter(Boolean);
  return h(".screen.wide.stalemate",
    roomHead(ctx, live, { title: t("stalemate.title") }),
    h("p.lead", t("stalemate.lead", { n: results.required, of: results.voters })),
    h(".stalemate-grid",
      room.is_host ? deciding(ctx, live, near.length) : waiting(live),
      h("section.section", h("h2", t("stalemate.near")),
        h("ol.near", near.map((one) => miss(ctx, live, one, results.voters))))));
}

function miss(ctx, live, { title, likes, supers }, voters) {
  const said = t("stalemate.likes", { n: likes, of: voters });
  return h("li.miss",
    h(".miss-poster", { "aria-hidden": "true" }, poster(title)),
    h(".miss-words", h("h3", title.name), h("p.small.muted", facts(title)),
      h(".hearts", { role: "img", "aria-label": said },
        Array.from({ length: Math.min(voters, 12) }, (_, at) => h("span", { class: at < likes ? "on" : "" }, icon("heart")))),
      h("p.small.numbers", said, supers > 0 && ` · ${t("stalemate.supers", { n: supers })}`)),
    live.room.is_host && button(t("decide.take"), () => decide(ctx, live, title),
      { kind: "slim", "aria-label": t("decide.take_one", { name: title.name }) }));
}

function waiting(live) {
  const title = h("h2");
  const show = (room) => {
    title.textContent = t("stalemate.host", { name: hostOf(room)?.name ?? "" });
  };
  show(live.room);
  live.on("room", show);
  return h("section.card.rest", h(".empty-art.pulse", icon("crown")), title, h("p.muted", t("stalemate.host_text")),
    h("p.small.muted", listed([t("decide.runoff"), t("decide.extend"), t("decide.random")])));
}
