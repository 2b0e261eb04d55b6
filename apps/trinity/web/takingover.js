// A host who is away keeps nobody waiting: where it is his turn, another member may go on in his place.

import { now } from "./clock.js";
import { t } from "./i18n.js";
import { atEnd } from "./leaving.js";
import { hostOf } from "./live.js";
import { button, h, icon, toast } from "./ui.js";

const AWAY_MS = 5 * 60_000 + 5_000; // a little longer than the server asks for
const LOOKS_MS = 15_000; // that somebody is away, nothing tells
const HIS_TURN = new Set(["waiting", "paused", "runoff", "no_consensus", "matched"]);

export function mayTakeOver(room) {
  if (room.is_host || room.me.is_screen) return false;
  return now() - new Date(hostOf(room)?.seen_at) >= AWAY_MS;
}

export async function takeOver(ctx, live) {
  live.show(await ctx.api.post(`/rooms/${live.id}/members/${encodeURIComponent(ctx.me.id)}/host`));
  toast(t("takeover.done"));
}

/** There as long as all wait for a host who is away. */
export function hostAway(ctx, live) {
  const said = h("span", { role: "status" });
  const element = h(".notice.quiet.host-away", { hidden: true }, icon("crown"), said,
    button(t("takeover.do"), () => takeOver(ctx, live), { kind: "slim" }));
  const show = (room) => {
    element.hidden = !HIS_TURN.has(room.status) || !mayTakeOver(room);
    said.textContent = element.hidden ? "" : t("takeover.away", { name: hostOf(room).name });
  };
  const look = async () => {
    if (element.hidden && mayTakeOver(live.room)) await live.refresh(); // or he was, and we did not hear
    show(live.room);
  };
  show(live.room);
  live.on("room", show);
  const looks = setInterval(look, LOOKS_MS);
  atEnd(ctx.signal, () => clearInterval(looks));
  return element;
}
