// The steps of a new room. Each is `(draft, ctx) => { title, lead, element, isReady? }`, and writes
// what was chosen into the draft.

import { chips, choices, field, stepper, toggle } from "./fields.js";
import { spoken, t, why } from "./i18n.js";
import { genre, genreNames, poster } from "./titles.js";
import { fill, h, icon, toast } from "./ui.js";

const GENRES_MAX = 2;
const TASTED = 12; // titles, of those that fit
const COUNTED_MAX = 50;
const SETTLES_MS = 350;
export const KINDS = [["movie", "film"], ["series", "screen"], ["list", "list"]];
const STRATEGIES = ["unanimous", "super_majority", "majority", "share", "count", "first"];

export function kindStep(draft) {
  const cards = KINDS.map(([value, glyph]) => h("label.pick",
    h("input", { type: "radio", name: "kind", value, checked: draft.kind === value, onchange: () => {
      draft.kind = value;
      draft.genres = [];
    } }),
    h("span.room-glyph", icon(glyph)),
    h("span", h("strong", t(`kind.${value}`)), h("small", t(`kind.${value}_text`)))));
  return { title: t("new.kind"), lead: t("new.kind_lead"),
    element: h("fieldset.picks", h("legend.only-heard", t("new.kind")), cards) };
}

export function whichStep(draft, ctx) {
  return draft.kind === "list" ? listStep(draft, ctx) : genreStep(draft, ctx);
}

// -- genres, and how many titles they are

async function genreStep(draft, ctx) {
  const [genres, { genres: liked }] = await Promise.all([
    ctx.api.get(`/genres?kind=${draft.kind}`, { signal: ctx.signal }),
    ctx.api.get("/users/profile", { signal: ctx.signal }).catch(() => ({ genres: [] })),
  ]);
  const isLiked = ({ id }) => liked.includes(id);
  const options = [...genres.filter(isLiked), ...genres.filter((one) => !isLiked(one))].map((one) =>
    ({ value: one.id, text: one[`name_${spoken()}`], icon: isLiked(one) && "heart" }));
  const count = h("p.counter", { role: "status" });
  const some = h(".tiles.taste", { tabindex: "0", role: "group", "aria-label": t("new.titles") });
  const changed = (chosen) => {
    draft.genres = chosen;
    counted(draft, ctx, genres, count, some);
  };
  changed(draft.genres);
  return { title: t("new.genres"), lead: t("new.genres_lead"), element: h(".stack",
    chips(t("new.genres"), options, draft.genres, GENRES_MAX, changed),
    h(".card.stack", h(".row.apart", count, stepper(t("new.titles"), draft.titles, { min: 10, max: 100, step: 10 },
      (value) => { draft.titles = value; })), some)) };
}

/** How many titles there are, and a few of them. */
async function counted(draft, ctx, genres, place, some) {
  const chosen = draft.genres.join(",");
  try {
    const [first, second] = draft.genres;
    const query = new URLSearchParams({ kind: draft.kind, limit: String(COUNTED_MAX), ...(first && { genre: first }) });
    const all = await ctx.api.get(`/titles?${query}`, { signal: ctx.signal });
    if (draft.genres.join(",") !== chosen) return; // another choice came meanwhile
    const found = all.filter((one) => !second || one.genres.includes(second));
    const names = genres.filter((one) => draft.genres.includes(one.id)).map((one) => one[`name_${spoken()}`]);
    const many = all.length < COUNTED_MAX ? String(found.length) : `${found.length}+`; // there are more than were asked for
    const said = { n: found.length, genres: names.join(" + "), kind: t(`kind.${draft.kind}`).toLowerCase() };
    fill(place, h("strong.display", many), " ", h("span.muted", t(names.length ? "new.fit" : "new.fit_all", said)));
    fill(some, found.slice(0, TASTED).map((one) => h(".tile-poster", poster(one))));
  } catch {
    fill(place, h("span.muted", t("new.uncounted")));
  }
}

// -- a list of one's own

function listStep(draft, ctx) {
  const given = { rows: 10, value: draft.text, placeholder: t("new.list_like"), spellcheck: "false" };
  const area = field(t("new.list_label"), given, { hint: t("new.list_hint") });
  const count = h("p.counter", { role: "status" });
  const show = (n) => fill(count, h("strong.display", n), " ", h("span.muted", t("new.options", { n })));
  let waits, wrong = null;
  const read = async () => {
    clearTimeout(waits);
    draft.text = area.input.value;
    const answer = await asRead(draft.text, ctx);
    if (draft.text !== area.input.value) return; // there is more meanwhile, which is read too
    draft.options = answer.options ?? [];
    wrong = answer.wrong;
    show(draft.options.length);
  };
  area.input.addEventListener("input", () => {
    clearTimeout(waits);
    waits = setTimeout(read, SETTLES_MS);
  });
  const file = h("input.only-heard", { type: "file", accept: ".csv,.txt,text/csv,text/plain", id: "import", onchange: async () => {
    if (!file.files[0]) return;
    area.input.value = await file.files[0].text();
    await read();
    toast(t("new.imported", { n: draft.options.length }));
  } });
  show(draft.options.length);
  return { title: t("new.list"), lead: t("new.list_lead"),
    element: h(".stack", area.element,
      h(".row.apart", count, h("label.button.slim", { for: "import" }, icon("list"), h("span", t("new.import")), file))),
    async isReady() {
      await read();
      if (wrong) area.complain(why(wrong));
      return !wrong;
    } };
}

/** As the server reads it, which is how the room will have it. */
async function asRead(text, ctx) {
  try {
    return await ctx.api.post("/lists", { text }, { key: null, signal: ctx.signal });
  } catch (wrong) {
    return { wrong };
  }
}

// -- who, and how it is agreed

export function ruleStep(draft) {
  const { rules } = draft;
  const extra = h(".extra");
  const ruled = (strategy) => {
    rules.strategy = strategy;
    fill(extra,
      strategy === "share" && stepper(t("rules.share"), rules.share, { min: 50, max: 100, step: 5, unit: "%" },
        (n) => { rules.share = n; }),
      strategy === "count" && stepper(t("rules.count"), rules.count, { min: 2, max: 50 }, (n) => { rules.count = n; }));
  };
  ruled(rules.strategy);
  return { title: t("new.rules"), lead: t("new.rules_lead"), element: h(".stack.loose",
    h(".card", stepper(t("new.capacity"), draft.capacity, { min: 2, max: 50 }, (n) => { draft.capacity = n; })),
    choices(t("rules.strategy"), "strategy", STRATEGIES.map((value) =>
      ({ value, text: t(`strategy.${value}`), hint: t(`strategy.${value}_text`) })), rules.strategy, ruled),
    extra, h("details.more", h("summary", t("rules.more")), h(".stack", more(rules)))) };
}

function more(rules) {
  return [
    stepper(t("rules.wanted"), rules.wanted, { min: 1, max: 10, hint: t("rules.wanted_hint") }, (n) => { rules.wanted = n; }),
    stepper(t("rules.supers"), rules.supers, { min: 0, max: 5, hint: t("rules.supers_hint") }, (n) => { rules.supers = n; }),
    stepper(t("rules.vetoes"), rules.vetoes, { min: 0, max: 5, hint: t("rules.vetoes_hint") }, (n) => { rules.vetoes = n; }),
    stepper(t("rules.minutes"), rules.minutes ?? 0, { min: 0, max: 120, step: 5, unit: "min", none: t("rules.no_limit") },
      (n) => { rules.minutes = n || null; }),
    choices(t("rules.starts"), "starts", ["host", "first_vote", "full"].map((value) =>
      ({ value, text: t(`starts.${value}`) })), rules.starts, (value) => { rules.starts = value; }),
    toggle(t("rules.late"), rules.late, (is) => { rules.late = is; }, t("rules.late_hint")),
    toggle(t("rules.same"), rules.order === "same", (is) => { rules.order = is ? "same" : "own"; }, t("rules.same_hint")),
  ];
}

// -- its name, and all of it once more

export async function nameStep(draft, ctx) {
  if (draft.kind !== "list") await genreNames(ctx.api);
  const name = field(t("new.name"), {
    value: draft.name, maxlength: "80", placeholder: t(`new.name_${draft.kind}`),
    oninput: ({ target }) => { draft.name = target.value; },
  });
  const what = draft.kind === "list" ? t("new.options_n", { n: draft.options.length })
    : [t(`kind.${draft.kind}`), ...draft.genres.map(genre), t("new.titles_n", { n: draft.titles })].join(" · ");
  const facts = [[icon(KINDS.find(([kind]) => kind === draft.kind)[1]), what], [icon("users"), t("new.seats_n", { n: draft.capacity })],
    [icon("heart"), t(`strategy.${draft.rules.strategy}`)]];
  return { title: t("new.last"), lead: t("new.last_lead"),
    element: h(".stack", name.element, h("ul.card.facts", facts.map(([glyph, text]) => h("li", glyph, h("span", text))))) };
}
