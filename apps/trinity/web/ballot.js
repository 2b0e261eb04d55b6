// A poll as one answers it, and what came of it. One option, several, an order, or stars.

import { t } from "./i18n.js";
import { ranker } from "./ranker.js";
import { h, icon } from "./ui.js";

/**
 * `value()` is what the server takes, or null while it is no answer yet; `art(id)` may give a picture
 * of an option. `changed()` is told when it may be another.
 */
export function ballot(poll, { art = () => null, changed = () => {} } = {}) {
  return { single: chosen, multiple: chosen, ranked, rating: rated }[poll.kind](poll, art, changed);
}

function chosen(poll, art, changed) {
  const isOne = poll.kind === "single";
  const inputs = poll.options.map(({ id }) => h("input", {
    type: isOne ? "radio" : "checkbox", name: `poll-${poll.id}`, value: id,
    checked: poll.mine?.options.includes(id) ?? false, onchange: () => { limit(); changed(); },
  }));
  const taken = () => inputs.filter((one) => one.checked).map((one) => one.value);
  const limit = () => {
    if (isOne) return;
    const isFull = taken().length >= poll.max;
    for (const one of inputs) one.disabled = isFull && !one.checked;
  };
  limit();
  const element = h("fieldset.options", h("legend.only-heard", asked(poll)),
    poll.options.map(({ id, text }, at) => h("label.option", { class: art(id) ? "pictured" : "" }, inputs[at],
      art(id) && h("span.option-art", { "aria-hidden": "true" }, art(id)), h("span.option-text", text),
      h("span.option-mark", icon("check")))));
  return { element, value: () => (taken().length ? { options: taken() } : null) };
}

/** Of a runoff nobody has said it, so it is said in one's own language. */
function asked({ purpose, question }) {
  return purpose === "runoff" ? t("runoff.title") : question;
}

function ranked(poll, art, changed) {
  const mine = poll.mine?.options ?? [];
  const place = ({ id }) => (mine.includes(id) ? mine.indexOf(id) : mine.length);
  const items = [...poll.options].sort((a, b) => place(a) - place(b))
    .map(({ id, text }) => ({ id, text, art: art(id) }));
  const made = ranker(items, changed);
  return {
    element: h(".stack", h("p.hint", t("rank.how")), made.element),
    value: () => ({ options: made.order() }),
  };
}

function rated(poll, art, changed) {
  const ratings = new Map(Object.entries(poll.mine?.ratings ?? {}));
  const element = h(".stack", poll.options.map(({ id, text }) => h("fieldset.rated", h("legend", art(id), text),
    h(".stars-row", [1, 2, 3, 4, 5].map((stars) => h("label.star", h("input", {
      type: "radio", name: `poll-${poll.id}-${id}`, value: stars, checked: ratings.get(id) === stars,
      onchange: () => { ratings.set(id, stars); changed(); },
    }), icon("star"), h("span.only-heard", t("poll.stars", { n: stars }))))))));
  return { element, value: () => (ratings.size ? { ratings: Object.fromEntries(ratings) } : null) };
}

// -- what came of it

/** Bars, the best first; the longest is what all who answered would make. */
export function results(poll, members = []) {
  const { result } = poll;
  const texts = new Map(poll.options.map((one) => [one.id, one.text]));
  const found = new Map(result.options.map((one) => [one.id, one]));
  const most = Math.max(...result.options.map((one) => one.score), 1);
  const order = result.order.length ? result.order : poll.options.map((one) => one.id);
  return h("ol.poll-results", order.map((id) => {
    const one = found.get(id);
    const isFirst = result.winners.includes(id);
    const width = poll.kind === "rating" ? (100 * one.score) / 5
      : poll.kind === "ranked" && !result.rounds.length ? (100 * one.score) / most : one.share;
    return h("li.result", { class: isFirst ? "first" : "" },
      h(".result-head", h("strong", texts.get(id)), isFirst && h("span.pill.warm", icon("crown"), t("poll.first")),
        h("span.numbers", said(poll, one))),
      h(".poll-bar", { "aria-hidden": "true" }, h("span", { style: { width: `${width}%` } })),
      one.who?.length > 0 && h("p.small.muted", names(one.who, members)));
  }), rounds(result, texts));
}

function said({ kind, method }, { votes, share, score }) {
  if (kind === "rating") return t("poll.mean", { score: score.toFixed(1), n: votes });
  if (kind === "ranked" && method === "borda") return t("poll.points", { n: score });
  return t("poll.votes", { n: votes, share });
}

function names(ids, members) {
  const known = new Map(members.map((one) => [one.id, one.name]));
  return ids.map((id) => known.get(id)).filter(Boolean).join(", ");
}

/** How an instant runoff came to its end. */
function rounds({ rounds: list }, texts) {
  if (!list || list.length < 2) return null;
  return h("li.rounds", h("details", h("summary", t("poll.rounds", { n: list.length })),
    h("ol.rounds-list", list.map(({ counts, out }) => h("li",
      Object.entries(counts).map(([id, n]) => `${texts.get(id)} ${n}`).join(" · "),
      out && h("span.muted", ` ${t("poll.out", { name: texts.get(out) })}`))))));
}
