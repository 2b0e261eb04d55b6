// A room that ended without a match, or was cancelled: what there is to do instead.

import { t } from "../i18n.js";
import { nextRound } from "../nextround.js";
import { roomHead } from "../roomhead.js";
import { button, empty, h, link } from "../ui.js";

export default async function ended(ctx, live) {
  const again = async () => ctx.go(`/rooms/${(await ctx.api.post(`/rooms/${live.id}/restart`)).id}`);
  return h(".screen", roomHead(ctx, live),
    empty("door", t("ended.title"), t("ended.text"), nextRound(live),
      live.room.is_host && button(t("ended.again"), again, { kind: "main", icon: "refresh" }),
      link(t("lost.home"), "/", { kind: live.room.is_host ? "quiet" : "main" })));
}
