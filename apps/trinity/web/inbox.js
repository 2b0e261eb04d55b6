// What happens in one's rooms reaches one on every screen: a number at the bell, and a word of it.

import { told } from "./chrome.js";
import { channels } from "./connection.js";
import { t } from "./i18n.js";
import { onChange, session } from "./store.js";
import { h, toast } from "./ui.js";

let heard = null, end = () => {};

/** From now on, once for each session. */
export function listen() {
  const who = session.get()?.id ?? null;
  if (who === heard) return;
  end();
  heard = who;
  end = who ? channels().subscribe(`/me/people/${who}`, { event: happened }) : () => {};
}

/** Where it is to be seen. A question stands beside its room, whatever stage that is at. */
export function leadsTo(kind, room) {
  return kind === "poll" ? `/rooms/${room}/polls` : `/rooms/${room}`;
}

function happened({ kind, about, room_id: room, room_name: name, text }) {
  if (kind !== "notice") return;
  told((unread) => unread + 1);
  const href = leadsTo(about, room);
  if (location.pathname === href) return; // he sees it happen
  const open = h("a", { href, "aria-label": t("notices.open_room", { name }) }, t("notices.open"));
  toast(`${name}: ${t(`notice.${about}`, { title: text ?? "", question: text ?? "", name: "" })}`, "good", open);
}

onChange((changed) => changed === "session" && listen());
