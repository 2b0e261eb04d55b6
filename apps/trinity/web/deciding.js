// What leads on where the votes alone did not: each way is a card of its own, for the host.

import { choices, field } from "./fields.js";
import { t, why } from "./i18n.js";
import { confirm, dialog, h, icon, toast } from "./ui.js";

// What may be asked for instead, of so many who vote.
const LOWER = [["super_majority", (n) => Math.ceil((3 * n) / 4)], ["majority", (n) => Math.floor(n / 2) + 1], ["first", () => 2]];
const MINUTES = [0, 2, 5, 15];

export function deciding(ctx, live, names) {
  const isShortlist = live.room.matches.length > 0;
  const ways = [
    ["poll", "runoff", () => runoff(ctx, live), true],
    !isShortlist && ["plus", "extend", () => extend(ctx, live)],
    !isShortlist && ["users", "lower", () => lower(ctx, live)],
    ["dice", "random", () => random(ctx, live)],
  ].filter(Boolean);
  return h("section.section.deciding", { "aria-label": t("decide.title") },
    h("h2", t("decide.title")),
    h(".ways", ways.map(([glyph, name, deed, isFirst]) => h("button.way", {
      type: "button", class: isFirst ? "first" : "", onclick: ({ currentTarget }) => attempt(currentTarget, deed),
    }, h("span.way-glyph", icon(glyph)), h("span", h("strong", t(`decide.${name}`)), h("small", t(`decide.${name}_text`)))))),
    h("p.muted.small", t("decide.pick", { n: names })));
}

export async function decide(ctx, live, title) {
  const isSure = await confirm(t("decide.sure", { name: title.name }), t("decide.sure_text"), t("decide.take"));
  if (isSure) await told(ctx, live, "decide", { title_id: title.id });
}

async function runoff(ctx, live) {
  let method = "approval", count = 3, minutes = 0;
  const body = h(".stack", h("p.muted", t("runoff.intro")),
    choices(t("runoff.method"), "method", ["approval", "irv", "borda"].map((value) =>
      ({ value, text: t(`runoff.${value}`), hint: t(`runoff.${value}_text`) })), method, (is) => { method = is; }),
    choices(t("runoff.count"), "count", [3, 4, 5].map((value) => ({ value, text: String(value) })), count,
      (is) => { count = is; }),
    choices(t("runoff.minutes"), "minutes", MINUTES.map((value) =>
      ({ value, text: value ? `${value} min` : t("rules.no_limit") })), minutes, (is) => { minutes = is; }));
  const isGiven = await dialog(t("decide.runoff"), body, [{ text: t("runoff.start"), value: true, kind: "main" }]);
  if (isGiven) await told(ctx, live, "runoff", { method, count, minutes: minutes || null });
}

/** More of the same from the catalogue; of a list somebody has to say what. */
async function extend(ctx, live) {
  if (live.room.kind !== "list") return told(ctx, live, "extend");
  const area = field(t("extend.label"), { rows: 5, spellcheck: "false" }, { hint: t("extend.hint") });
  const deed = async () => {
    const options = area.value.split("\n").map((one) => one.trim()).filter(Boolean);
    if (!options.length) return area.complain(t("error.NO_OPTIONS"));
    return live.show(await ctx.api.post(`/rooms/${live.id}/extend`, { options })) ?? true;
  };
  return dialog(t("decide.extend"), area.element, [{ text: t("extend.do"), kind: "main", deed }]);
}

async function lower(ctx, live) {
  const { members, required } = live.room;
  const of = members.length, taken = new Set();
  const lower = LOWER.map(([name, counts]) => [name, Math.max(2, counts(of))])
    .filter(([, n]) => n < required && !taken.has(n) && taken.add(n));
  if (!lower.length) return toast(t("decide.lowest"));
  let [[strategy]] = lower;
  const body = h(".stack", h("p.muted", t("lower.intro")), choices(t("lower.title"), "strategy",
    lower.map(([value, n]) => ({ value, text: t(`lower.${value}`), hint: t("lower.number", { n, of }) })), strategy,
    (is) => { strategy = is; }));
  const isGiven = await dialog(t("decide.lower"), body, [{ text: t("lower.do"), value: true, kind: "main" }]);
  if (isGiven) await told(ctx, live, "lower", { strategy });
}

async function random(ctx, live) {
  const isSure = await confirm(t("decide.random"), t("decide.random_sure"), t("decide.random_do"));
  if (isSure) await told(ctx, live, "random");
}

async function told(ctx, live, name, body) {
  live.show(await ctx.api.post(`/rooms/${live.id}/${name}`, body));
}

async function attempt(element, deed) {
  if (element.disabled) return;
  element.disabled = true;
  try {
    await deed();
  } catch (error) {
    toast(why(error), "bad");
  } finally {
    element.disabled = false;
  }
}
