// A title as it is shown: its poster, its facts in words, and small ones of it for lists.

import { spoken, t } from "./i18n.js";
import { cover, poster, thumbnail } from "./posters/poster.js";
import { h } from "./ui.js";

let names = new Map();
let asked = null;

/** Once for a page; without them a genre is called by its id. */
export async function genreNames(api) {
  asked ??= Promise.all(["movie", "series"].map((kind) => api.get(`/genres?kind=${kind}`)))
    .then((lists) => { names = new Map(lists.flat().map((one) => [one.id, one])); })
    .catch(() => { asked = null; });
  await asked;
}

export function genre(id) {
  const found = names.get(id);
  return found?.[`name_${spoken()}`] ?? found?.name_en ?? id;
}

/** "1999 · 1 h 52 min · Drama, Comedy", of what is known. */
export function facts(title) {
  return [title.year && String(title.year), title.minutes && minutes(title.minutes),
    title.genres?.slice(0, 3).map(genre).join(", ")].filter(Boolean).join(" · ");
}

function minutes(count) {
  return count < 60 ? `${count} min` : `${Math.floor(count / 60)} h ${count % 60 || ""}${count % 60 ? " min" : ""}`.trim();
}

export function rating(title) {
  if (!title.rating) return null;
  return h("span.stars", { "aria-label": t("title.rating", { n: title.rating }) },
    h("span", { "aria-hidden": "true" }, `★ ${title.rating.toFixed(1)}`));
}

export function line(title) {
  return (spoken() === "es" && title.line_es) || title.line;
}

/** Where titles come from TMDB its terms want these words. */
export function credit(titles) {
  return titles.some((one) => one.id.startsWith("tmdb-")) && h("p.small.muted.credit", t("title.credit"));
}

/** A small one, with its name below. */
export function small(title, ...more) {
  return h("figure.tile", h(".tile-poster", poster(title)), h("figcaption", h("strong", title.name), more));
}

export { cover, poster, thumbnail };
