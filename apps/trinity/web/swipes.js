// What was swiped on this device goes on being said, whatever screen is shown: after one has left the
// room, after a reload, and when who has swiped signs in again.

import { api, client } from "./api.js";
import { channels } from "./connection.js";
import { t, why } from "./i18n.js";
import { isGoing, watchRoom } from "./live.js";
import { left, openQueue } from "./queue.js";
import { onChange, session, sessionOf } from "./store.js";
import { toast } from "./ui.js";

const open = new Map();
const heard = new Map(); // rooms that have stopped, by the names of the queues

/** One queue for each person and room of this page. */
export function swipesOf(who, room) {
  const name = `${who}.${room}`;
  if (!open.has(name)) {
    const kept = sessionOf(who);
    open.set(name, openQueue({
      name, send: saidTo(client(kept), room), may: () => kept.get() !== null, refused: tellRefused,
      rests: () => hear(name, room),
    }));
  }
  return open.get(name);
}

/** Of this room somebody has seen that it goes on. */
export function goesOn(room) {
  const who = session.get()?.id;
  if (left().includes(`${who}.${room}`)) swipesOf(who, room).wake();
}

/** Until it goes on, on whichever screen: the others may wait for nothing but what is kept here. */
async function hear(name, room) {
  if (heard.has(name)) return;
  const goes = () => {
    deafTo(name);
    open.get(name).wake();
  };
  const changed = (view) => isGoing(view) && goes();
  heard.set(name, null);
  try {
    const watch = await watchRoom(room, { api, channels: channels(), isAway: true, changed, out: goes });
    if (!heard.has(name)) return void watch.close();
    heard.set(name, watch);
    changed(watch.room);
  } catch {
    heard.delete(name); // it is seen to go on when somebody looks at it
  }
}

function deafTo(name) {
  heard.get(name)?.close();
  heard.delete(name);
}

/** What he has left, in whichever rooms. */
function sayAll() {
  const whose = `${session.get()?.id}.`;
  for (const name of left().filter((one) => one.startsWith(whose)))
    swipesOf(session.get().id, name.slice(whose.length)).flush();
}

function saidTo(api, room) {
  const path = `/rooms/${room}/votes`;
  return ({ kind, key, title_id, choice, again }) => kind === "undo" ? api.del(`${path}/last`, { key })
    : api.post(path, { title_id, choice, again }, { key });
}

/** What does not count, wherever one is by then. */
function tellRefused(refusals) {
  const [{ entry, error }] = refusals;
  const n = refusals.length, isOfOne = n === 1 && entry.name;
  const key = !isOfOne ? "queue.refused" : entry.kind === "undo" ? "queue.undo_refused" : "queue.refused_one";
  const isForOneReason = refusals.every((one) => one.error.code === error.code);
  toast(t(key, { n, name: entry.name, why: isForOneReason ? why(error) : "" }).trim(), "bad");
}

let who = session.get()?.id;
onChange((changed) => {
  if (changed !== "session" || session.get()?.id === who) return; // another token of the same one
  who = session.get()?.id;
  [...heard.keys()].forEach(deafTo);
  sayAll();
});
sayAll();
