// Who is in the room and how far each one is: never what he likes.

import { t } from "./i18n.js";
import { avatar, fill, h, icon } from "./ui.js";

const NAMED = 3;

/** A row of faces, each in a ring that closes as he votes. */
export function faces(room) {
  return h("ul.faces", { "aria-label": t("crew.title") }, room.members.map((one) => face(one, room)));
}

function face(one, room) {
  const said = t(one.is_finished ? "crew.done" : "crew.at", { name: one.name, n: one.voted, size: room.size });
  return h("li.face", {
    class: `${one.is_here ? "" : "away"} ${one.is_finished ? "done" : ""}`,
    style: { "--done": String(share(one, room)) }, title: said,
  }, avatar(one.name, one.id), h("span.only-heard", said), one.is_finished && h("span.tick", icon("check")));
}

/** The same as a list with names and bars. */
export function crew(room, me) {
  return h("ul.crew", { "aria-label": t("crew.title") }, room.members.map((one) =>
    h("li.crew-one", { class: one.is_here ? "" : "away" }, avatar(one.name, one.id),
      h(".crew-words",
        h(".crew-name", h("strong", one.id === me ? t("crew.you", { name: one.name }) : one.name),
          one.is_finished ? h("span.crew-done", icon("check"), t("crew.through"))
            : h("span.muted.small.numbers", `${one.voted}/${room.size}`)),
        meter(share(one, room))))));
}

export function meter(percent, label) {
  return h(".meter", label ? { role: "progressbar", "aria-label": label, "aria-valuenow": percent,
    "aria-valuemin": 0, "aria-valuemax": 100 } : { "aria-hidden": "true" },
  h("span", { style: { width: `${percent}%` } }));
}

/** "Ann, Bob and 2 more" of those who still vote. */
export function pending(room, me) {
  const left = room.members.filter((one) => !one.is_finished && one.id !== me);
  return { count: left.length, names: few(left.map((one) => one.name)) };
}

/** Three of them, and how many more there are. */
export function few(names) {
  const more = names.length - NAMED;
  return listed(more > 0 ? [...names.slice(0, NAMED), t("crew.more", { n: more })] : names);
}

export function listed(names) {
  return new Intl.ListFormat(document.documentElement.lang || "en").format(names);
}

function share(one, room) {
  return room.size ? Math.round((100 * (one.is_finished ? room.size : one.voted)) / room.size) : 0;
}

/** Says of each state of a room whether others are in it than in the last, or one is called or leads otherwise. */
export function otherCrew(room = null) {
  const crewOf = ({ members }) => JSON.stringify(members.map((one) => [one.id, one.name, one.is_host]));
  let last = room && crewOf(room);
  return (next) => {
    const before = last;
    last = crewOf(next);
    return last !== before;
  };
}

/** Kept up to date in place. */
export function kept(live, make) {
  const place = h(".kept", make(live.room));
  live.on("room", (room) => fill(place, make(room)));
  return place;
}
