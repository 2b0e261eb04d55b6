// Small charts: bars that are a list to who hears them, and a matrix that is a table.

import { t } from "./i18n.js";
import { avatar, h, s } from "./ui.js";

/** Of each title how many liked, skipped and refused it, of `voters`. */
export function bars(titles, voters) {
  return h("ol.bars", titles.map((one) => {
    const silent = Math.max(0, voters - one.likes - one.skips - one.nopes);
    const said = t("chart.said", { likes: one.likes, nopes: one.nopes, skips: one.skips });
    return h("li.bar-row", { class: one.is_match ? "is-match" : "" },
      h(".bar-words", h("span.bar-name", one.title.name), h("span.bar-share", { "aria-hidden": "true" }, `${one.share} %`)),
      h(".bar-line", { role: "img", "aria-label": said, title: said },
        [["likes", one.likes], ["skips", one.skips], ["silent", silent], ["nopes", one.nopes]].map(([kind, n]) =>
          n > 0 && h("span", { class: kind, style: { "flex-grow": String(n) } }))));
  }));
}

/** Who agrees with whom, in percent. `pairs` are `{ a, b, share, both }` of member ids. */
export function agreement(pairs, people) {
  const share = new Map(pairs.flatMap((one) => [[`${one.a} ${one.b}`, one], [`${one.b} ${one.a}`, one]]));
  return h(".matrix-frame", { tabindex: "0", role: "region", "aria-label": t("chart.agreement") }, h("table.matrix",
    h("thead", h("tr", h("td"), people.map((one) =>
      h("th", { scope: "col" }, avatar(one.name, one.id), h("span.only-heard", one.name))))),
    h("tbody", people.map((row) => h("tr", h("th", { scope: "row" }, avatar(row.name, row.id), h("span", row.name)),
      people.map((column) => cell(row, column, share.get(`${row.id} ${column.id}`))))))));
}

function cell(row, column, pair) {
  if (row.id === column.id) return h("td.self", h("span.only-heard", "–"));
  if (!pair || pair.share === null) return h("td.none", "–");
  return h("td", { class: pair.share >= 60 ? "strong" : "", style: { "--share": `${pair.share}%` } }, String(pair.share));
}

/** One number, as a ring. */
export function ring(percent, label) {
  const length = 2 * Math.PI * 42;
  return s("svg.ring-chart", { viewBox: "0 0 100 100", role: "img", "aria-label": `${label}: ${percent} %` },
    s("circle.track", { cx: 50, cy: 50, r: 42 }),
    s("circle.value", { cx: 50, cy: 50, r: 42, "stroke-dasharray": `${(length * percent) / 100} ${length}`,
      transform: "rotate(-90 50 50)" }),
    s("text", { x: 50, y: 57, "text-anchor": "middle" }, `${percent} %`));
}
