// What leads on where the votes alone did not: each way is a card of its own, for the host.

import { t, why } from "./i18n.js";
import { choices, confirm, dialog, h, icon, toast } from "./ui.js";

const STEPS = ["unanimous", "super_majority", "majority", "first"];

export function deciding(ctx, live, names) {
  const isShortlist = live.room.matches.length > 0;
  const ways = [
    ["poll", "runoff", () => runoff(ctx, live), true],
    !isShortlist && ["plus", "extend", () => told(ctx, live, "extend")],
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
  let method = "approval", count = 3;
  const body = h(".stack", h("p.muted", t("runoff.intro")),
    choices(t("runoff.method"), "method", ["approval", "irv", "borda"].map((value) =>
      ({ value, text: t(`runoff.${value}`), hint: t(`runoff.${value}_text`) })), method, (is) => { method = is; }),
    choices(t("runoff.count"), "count", [3, 4, 5].map((value) => ({ value, text: String(value) })), count,
      (is) => { count = is; }));
  const isGiven = await dialog(t("decide.runoff"), body, [{ text: t("runoff.start"), value: true, kind: "main" }]);
  if (isGiven) await told(ctx, live, "runoff", { method, count });
}

async function lower(ctx, live) {
  const { rules, members } = live.room;
  const lower = STEPS.slice(STEPS.indexOf(rules.strategy) + 1);
  if (!lower.length || members.length < 3) return toast(t("decide.lowest"));
  let strategy = lower[0];
  const body = h(".stack", h("p.muted", t("lower.intro")), choices(t("lower.title"), "strategy",
    lower.map((value) => ({ value, text: t(`lower.${value}`) })), strategy, (is) => { strategy = is; }));
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
