// Who sits in the room: the host may hand it over, or show the door, before the voting and later.

import { t, why } from "./i18n.js";
import { avatar, confirm, dialog, fill, h, icon, toast } from "./ui.js";

const EMPTY_MAX = 3; // seats that are drawn empty

export function seatsOf(ctx, live) {
  const title = h("h2#here");
  const list = h("ul.seats", { "aria-labelledby": "here" });
  let shown = "";
  return { element: h(".section", title, list), show(room) {
    const seen = JSON.stringify(room.members.map((one) => [one.id, one.name, one.is_host, one.is_here])) + room.is_host;
    if (seen === shown) return; // a finger may be on one of them
    shown = seen;
    const held = document.activeElement?.dataset.member;
    title.textContent = t("lobby.here", { n: room.members.length, capacity: room.capacity });
    const free = Math.min(EMPTY_MAX, room.capacity - room.members.length);
    fill(list, room.members.map((one) => seat(ctx, live, one)), Array.from({ length: free }, () => emptySeat()));
    if (held) list.querySelector(`[data-member="${CSS.escape(held)}"]`)?.focus();
  } };
}

function seat(ctx, live, one) {
  const isMe = one.id === ctx.me.id;
  return h("li.seat", { class: one.is_here ? "here" : "" },
    h("span.seat-face", avatar(one.name, one.id), h("span.dot", { "aria-hidden": "true" })),
    h("span.seat-words", h("strong", one.name),
      h("small", place(one, isMe))),
    one.is_host && h("span.crown", icon("crown")),
    live.room.is_host && !isMe && h("button.round", {
      type: "button", dataset: { member: one.id }, "aria-label": t("seat.menu", { name: one.name }), "aria-haspopup": "dialog",
      onclick: () => menu(ctx, live, one),
    }, icon("more")));
}

function place(one, isMe) {
  const where = t(one.is_host ? "lobby.host" : one.is_here ? "lobby.is_here" : "lobby.is_away");
  return isMe ? `${where} · ${t("lobby.you")}` : where;
}

function emptySeat() {
  return h("li.seat.free", { "aria-hidden": "true" }, h("span.seat-face", h("span.avatar.hollow", icon("plus"))),
    h("span.muted", t("lobby.free")));
}

/** Where they are not all to be seen: whom it is about is asked first. */
export async function people(ctx, live) {
  const others = live.room.members.filter((one) => one.id !== ctx.me.id);
  const chosen = await dialog(t("menu.people"), null, others.map((one) =>
    ({ text: [avatar(one.name, one.id), h("span", one.name)], value: one, kind: "menu-entry" })), { kind: "sheet" });
  if (chosen) await menu(ctx, live, chosen);
}

async function menu(ctx, live, one) {
  const deeds = [["crown", "host", ""], ["door", "kick", ""], ["x", "ban", "danger"]];
  const chosen = await dialog(one.name, null, deeds.map(([glyph, name, kind]) =>
    ({ text: [icon(glyph), h("span", t(`seat.${name}`))], value: name, kind: `menu-entry ${kind}` })), { kind: "sheet" });
  if (!chosen) return;
  const isSure = await confirm(t(`seat.${chosen}`), t(`seat.${chosen}_text`, { name: one.name }), t(`seat.${chosen}`),
    { kind: chosen === "host" ? "main" : "danger" });
  if (!isSure) return;
  try {
    live.show(await ctx.api.post(`/rooms/${live.id}/members/${encodeURIComponent(one.id)}/${chosen}`));
  } catch (error) {
    toast(why(error), "bad");
  }
}
