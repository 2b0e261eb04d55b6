// The same people once more: who still looks at the last round is led to the next one.

import { t } from "./i18n.js";
import { announce, h, link } from "./ui.js";

export function nextRound(live) {
  const place = h("div", { hidden: true });
  const show = ({ next }) => {
    if (!next || !place.hidden) return;
    place.append(link(t("match.next"), `/rooms/${next}`, { kind: "main big", icon: "play" }));
    place.hidden = false;
  };
  show(live.room);
  live.on("room", (room) => {
    if (room.next && place.hidden) announce(t("notice.restarted"));
    show(room);
  });
  return place;
}
