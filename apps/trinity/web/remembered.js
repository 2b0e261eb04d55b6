// A room that one remembers. That is kept for years, the room for some weeks and for who is in it: so
// it is looked for first, and who cannot go there stays with what he remembers.

import { t } from "./i18n.js";
import { busy, toast } from "./ui.js";

/** What makes a link lead to how it came out. */
export function remembered(ctx, room) {
  const href = `/rooms/${room}/results`;
  const open = async (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return; // a tab of its own
    event.preventDefault();
    await busy(event.currentTarget, async () => {
      if (await isThere(ctx, room)) ctx.go(href);
      else toast(t("history.gone"));
    });
  };
  return { href, onclick: open };
}

async function isThere(ctx, room) {
  try {
    await ctx.api.get(`/rooms/${room}`, { signal: ctx.signal });
  } catch (error) {
    if (error.status !== 404) throw error;
    return false;
  }
  return true;
}
