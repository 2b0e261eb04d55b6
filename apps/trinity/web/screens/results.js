// How it came out, in numbers that were counted: who liked what is told to nobody.

import { agreement, bars, ring } from "../charts.js";
import { lasting, moment, t } from "../i18n.js";
import { credit, facts, genreNames, line, poster } from "../titles.js";
import { button, empty, fill, h, icon, link } from "../ui.js";

const SHOWN = 8;

export default async function results(ctx) {
  const id = ctx.params.id;
  const ask = (path) => ctx.api.get(`/rooms/${id}${path}`, { signal: ctx.signal });
  const [room, found, stats] = await Promise.all([ask(""), ask("/results"), ask("/stats").catch(() => null), genreNames(ctx.api)]);
  if (!found.titles.length) {
    const back = link(t("results.room"), `/rooms/${id}`, { kind: "main" });
    const [title, text] = room.status === "cancelled" ? ["results.cancelled", "results.cancelled_text"]
      : ["results.early", "results.early_text"];
    return h(".screen", top(room), empty("chart", t(title), t(text), back));
  }
  return h(".screen.wide", top(room),
    room.match && winner(room, found),
    stats && figures(stats, found),
    h(".results-grid",
      h("section.card.stack", { "aria-labelledby": "titles" }, h("h2#titles", t("results.titles")), legend(), standing(found)),
      stats?.agreement.length > 0 && h("section.card.stack", { "aria-labelledby": "agree" }, h("h2#agree", t("results.agreement")),
        h("p.muted.small", t("results.agreement_text")), agreement(stats.agreement, room.members))),
    h(".row", again(ctx, room), link(t("lost.home"), "/", { kind: "quiet" })),
    credit(found.titles.map((one) => one.title)));
}

function top(room) {
  return h("header.room-head", h("a.round", { href: `/rooms/${room.id}`, "aria-label": t("back") }, icon("back")),
    h(".room-title", h("p.small.muted", t("results.title")), h("h1", room.name)));
}

function winner(room, found) {
  const { match } = room;
  const counted = found.titles.find((one) => one.title.id === match.id);
  return h("section.card.winner",
    h(".winner-poster", { "aria-hidden": "true" }, poster(match)),
    h(".winner-words", h("p.kicker", t("results.match")), h("h2.winner-name", match.name), h("p.muted", facts(match)),
      match.line && h("p.winner-line", line(match)),
      h("p.muted.small", [room.ended_at && moment(room.ended_at), t("members", { n: room.members.length })].filter(Boolean).join(" · "))),
    counted && h(".winner-ring", ring(counted.share, t("results.share"))));
}

function figures(stats, found) {
  const { votes, likes } = stats.sums;
  const shown = [
    stats.time_to_match_s !== null && [lasting(stats.time_to_match_s), "results.time"],
    [votes, "results.votes"],
    votes > 0 && [`${Math.round((100 * likes) / votes)} %`, "results.liked"],
    [found.voters, "results.voters"],
  ].filter(Boolean);
  return h("dl.figures", shown.map(([value, key]) => h(".figure", h("dt", t(key)), h("dd.display", String(value)))));
}

function legend() {
  return h("ul.legend", { "aria-hidden": "true" }, ["likes", "skips", "nopes"].map((kind) =>
    h("li", h("span", { class: kind }), t(`chart.${kind}`))));
}

function standing(found) {
  const place = h(".stack");
  const show = (count) => fill(place, bars(found.titles.slice(0, count), found.voters),
    count < found.titles.length && button(t("results.all", { n: found.titles.length }), () => show(found.titles.length), { kind: "slim" }));
  show(SHOWN);
  return place;
}

function again(ctx, room) {
  if (!room.is_host) return null;
  const deed = async () => ctx.go(`/rooms/${(await ctx.api.post(`/rooms/${room.id}/restart`)).id}`);
  return button(t("ended.again"), deed, { kind: "main", icon: "refresh" });
}
