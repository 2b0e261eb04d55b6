// What stands above a stage: the way back, the room's name, and what else one may do with it.

import { t, why } from "./i18n.js";
import { isOpen } from "./live.js";
import { people } from "./members.js";
import { hostAway, mayTakeOver, takeOver } from "./takingover.js";
import { confirm, dialog, h, icon, toast } from "./ui.js";

export function roomHead(ctx, live, { title = null, below = null, back = "/" } = {}) {
  return headOf(ctx, live, back, title ? [h("p.small.muted", live.room.name), h("h1", title)] : h("h1", live.room.name),
    below, hostAway(ctx, live));
}

/** The same above a moment that has its own heading, and in which nobody waits for the host. */
export function quietHead(ctx, live) {
  return headOf(ctx, live, "/", h("p.muted", live.room.name));
}

function headOf(ctx, live, back, ...titles) {
  return h("header.room-head",
    h("a.round", { href: back, "aria-label": t("back") }, icon("back")),
    h(".room-title", titles),
    h("button.round", { type: "button", "aria-label": t("menu.title"), "aria-haspopup": "dialog",
      onclick: () => menu(ctx, live) }, icon("more")));
}

async function menu(ctx, live) {
  const { room } = live;
  const entries = [
    ["poll", t("menu.polls"), () => ctx.go(`/rooms/${live.id}/polls`)],
    ...(room.is_host ? hosts(ctx, live) : []),
    ...(mayTakeOver(room) ? [["crown", t("takeover.do"), () => takeOver(ctx, live)]] : []),
    ["door", t("menu.leave"), () => leave(ctx, live)],
  ];
  const chosen = await dialog(room.name, null, entries.map(([glyph, text], at) =>
    ({ text: [icon(glyph), h("span", text)], value: at, kind: "menu-entry" })), { kind: "sheet" });
  if (chosen === null) return;
  try {
    await entries[chosen][2]();
  } catch (error) {
    toast(why(error), "bad");
  }
}

function hosts(ctx, live) {
  const { status, members } = live.room;
  const deeds = [
    status === "voting" && ["pause", "pause"],
    status === "paused" && ["play", "resume"],
    isOpen(live.room) && ["screen", "present"],
    isOpen(live.room) && ["x", "end"],
  ].filter(Boolean).map(([glyph, name]) => [glyph, t(`menu.${name}`), () => deed(ctx, live, name)]);
  return members.length > 1 ? [["users", t("menu.people"), () => people(ctx, live)], ...deeds] : deeds;
}

async function deed(ctx, live, name) {
  if (name === "present") return present(ctx, live);
  if (name === "end") {
    if (!(await confirm(t("menu.end"), t("menu.end_text"), t("menu.end_yes"), { kind: "danger" }))) return;
    name = "cancel";
  }
  live.show(await ctx.api.post(`/rooms/${live.id}/${name}`));
}

/** The big screen has a seat of its own; its token goes in the part of the address that stays here. */
async function present(ctx, live) {
  const screen = window.open("", "_blank");
  try {
    const { session } = await ctx.api.post(`/rooms/${live.id}/presenter`);
    const path = `/present/${live.id}#${session.refresh}`;
    if (screen) screen.location.href = path;
    else ctx.go(path);
  } catch (error) {
    screen?.close(); // an empty tab would hide what is said of it
    throw error;
  }
}

async function leave(ctx, live) {
  const text = t(isOpen(live.room) ? "menu.leave_text" : "menu.leave_over");
  if (!(await confirm(t("menu.leave"), text, t("menu.leave_yes"), { kind: "danger" }))) return;
  await ctx.api.del(`/rooms/${live.id}/leave`);
  ctx.go("/");
}
