// Before it begins: who is here already, and how the others get in.

import { invitation } from "../invitation.js";
import { t } from "../i18n.js";
import { hostOf } from "../live.js";
import { seatsOf } from "../members.js";
import { roomHead } from "../roomhead.js";
import { genre, genreNames } from "../titles.js";
import { announce, button, h, icon, toast } from "../ui.js";

export default async function lobby(ctx, live) {
  if (live.room.kind !== "list") await genreNames(ctx.api);
  const seats = seatsOf(ctx, live);
  const invite = invitation(ctx, live);
  const foot = h(".lobby-foot");
  const isForAll = live.room.rules.starts === "first_vote";
  const start = button(t(isForAll ? "lobby.swipe" : "lobby.start"), () => (isForAll ? live.swipe() : begin(ctx, live)),
    { kind: "main big full", icon: "play" });
  const waits = h("p.lobby-waits", { role: "status" });
  foot.append(waits, start);

  const show = (room) => {
    seats.show(room);
    invite.show(room);
    const isAlone = room.members.length < 2;
    start.hidden = !room.is_host && !isForAll;
    start.disabled = isAlone;
    waits.textContent = said(room, isAlone);
    waits.classList.toggle("pulsing", start.hidden || isAlone);
  };
  show(live.room);
  live.on("room", show);
  live.on("event", (event) => {
    if (event.who === ctx.me.id) return;
    if (event.kind === "joined" || event.kind === "left") announce(t(`lobby.${event.kind}`, { name: event.name ?? "" }));
    if (event.kind === "joined") toast(t("lobby.joined", { name: event.name ?? "" }));
  });
  return h(".screen.wide.lobby",
    roomHead(ctx, live, { below: h("p.muted", about(live.room)) }),
    live.room.note && note(live.room.note),
    h(".lobby-grid", invite.element, h("section.section.lobby-here", { "aria-labelledby": "here" }, seats.element), foot));
}

/** Who may come and what happens then, in one sentence. */
function said(room, isAlone) {
  if (isAlone) return t("lobby.alone");
  if (room.rules.starts === "full") return t("lobby.full", { n: room.capacity - room.members.length });
  if (room.rules.starts === "first_vote") return t("lobby.first_vote");
  if (room.is_host) return t("lobby.ready", { n: room.members.length });
  return t("lobby.wait", { name: hostOf(room)?.name ?? "" });
}

function about(room) {
  const which = room.kind === "list" ? t("kind.list")
    : [t(`kind.${room.kind}`), room.genres.length ? room.genres.map(genre).join(" + ") : t("lobby.all")].join(" · ");
  const many = t(room.kind === "list" ? "new.options_n" : "new.titles_n", { n: room.size });
  return [which, many, t(`strategy.${room.rules.strategy}`)].join(" · ");
}

function note(code) {
  return h("p.notice.quiet", icon("film"), h("span", t(`note.${code}`)));
}

async function begin(ctx, live) {
  live.show(await ctx.api.post(`/rooms/${live.id}/start`));
}
