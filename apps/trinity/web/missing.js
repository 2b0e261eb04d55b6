// Where a stage should be that did not come, its file or what it shows: it is asked for again by
// itself, at once when the connection is back, and when somebody says so.

import { t } from "./i18n.js";
import { atEnd } from "./leaving.js";
import { roomHead } from "./roomhead.js";
import { button, h, icon } from "./ui.js";
import { waitOf } from "./waits.js";

/** `enter(tries)` shows the stage, or throws; `ctx.signal` ends when it has or the room has gone on. */
export function missing(ctx, live, enter) {
  let tries = 0, timer;

  /** Whatever was asked before is waited for no more. */
  async function again() {
    if (ctx.signal.aborted) return;
    clearTimeout(timer);
    const mine = ++tries;
    try {
      await enter(mine);
    } catch (error) {
      if (error?.status >= 400 && error.status < 500) live.refresh(); // the room is elsewhere, or we are out
      throw error;
    } finally {
      if (mine === tries) later();
    }
  }

  const byItself = () => again().catch(() => {});
  const later = () => {
    if (!ctx.signal.aborted) timer = setTimeout(byItself, waitOf(tries));
  };

  addEventListener("online", byItself, { signal: ctx.signal });
  live.on("connection", (state) => state === "connected" && byItself());
  atEnd(ctx.signal, () => clearTimeout(timer));
  later();
  return h(".screen", roomHead(ctx, live, { title: t("room.missing") }),
    h(".empty", h(".empty-art", icon("refresh")), h("p", t("room.missing_text")),
      button(t("again"), again, { kind: "main", icon: "refresh" })));
}
