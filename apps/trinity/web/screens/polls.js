// Whatever a group wants to know of itself: asked by anybody, answered here, with the result as far
// as was agreed when it was asked.

import { ballot, results } from "../ballot.js";
import { channels } from "../connection.js";
import { otherCrew } from "../crew.js";
import { hour, t } from "../i18n.js";
import { watchRoom } from "../live.js";
import { form } from "../pollform.js";
import { announce, button, empty, fill, h, icon, toast } from "../ui.js";

export default async function polls(ctx) {
  const { id } = ctx.params;
  const path = `/rooms/${id}/polls`;
  const list = h(".polls", { role: "feed", "aria-label": t("polls.title") });
  const cards = new Map(), seen = new Map(); // by their ids: polls, and all who were here meanwhile
  const more = button(t("polls.older"), older, { kind: "slim polls-older" });
  const isOther = otherCrew(); // then others are counted, and may close it
  let further = null; // where older ones are

  const page = (cursor) => ctx.api.get(`${path}?purpose=asked&limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
  const ids = () => [...cards.keys()].sort().reverse(); // as they were asked, the newest first

  /** What is there stays in its place, and so does who is in it. */
  function show(polls) {
    for (const poll of polls) {
      if (!cards.has(poll.id)) cards.set(poll.id, pollCard(ctx, path));
      cards.get(poll.id).show(poll, [...seen.values()]);
    }
    if (!cards.size) return void fill(list, empty("poll", t("polls.none"), t("polls.none_text")));
    list.querySelector(".empty")?.remove();
    ids().forEach((one, at) => {
      const { element } = cards.get(one);
      if (list.children[at] !== element) list.insertBefore(element, list.children[at] ?? null);
    });
  }

  /** All that is shown may have changed, down to the oldest; the first time that is one page. */
  const read = oneByOne(async () => {
    const oldest = ids().at(-1);
    let found = await page();
    if (!oldest) goesOn(found.cursor);
    show(found.items);
    while (oldest && found.cursor && found.items.at(-1)?.id > oldest) {
      found = await page(found.cursor);
      show(found.items.filter((one) => one.id >= oldest));
    }
  });

  async function older() {
    const found = await page(further);
    goesOn(found.cursor);
    show(found.items);
    cards.get(found.items[0]?.id)?.enter();
  }

  function goesOn(cursor) {
    further = cursor;
    more.hidden = !cursor;
  }

  function isNew(room) {
    for (const one of room.members) seen.set(one.id, one);
    return isOther(room);
  }

  const watch = await watchRoom(id, {
    api: ctx.api,
    channels: channels(),
    changed: (room) => isNew(room) && read(),
    event: (event) => event.kind === "poll" && read(),
    progress: (said) => said.kind === "poll_progress" && read(),
    out: () => ctx.go("/"),
  });
  const { room } = watch;
  isNew(room);
  ctx.onLeave(() => watch.close());
  if (ctx.signal.aborted) return null;
  await read();
  const ask = button(t("polls.ask"), async () => {
    const made = await form((poll) => ctx.api.post(path, poll));
    if (!made) return;
    await read();
    toast(t("polls.asked"));
  }, { kind: "main", icon: "plus" });
  return h(".screen.polls-screen",
    h("header.room-head", h("a.round", { href: `/rooms/${id}`, "aria-label": t("back") }, icon("back")),
      h(".room-title", h("p.small.muted", room.name), h("h1", t("polls.title"))), !room.me.is_screen && ask),
    list, more);
}

/** Who asks while the deed is being done waits for one that begins later, with all who ask. */
function oneByOne(deed) {
  let now = null, next = null;
  const begin = () => now = deed().finally(() => { now = null; });
  return () => {
    if (!now && !next) return begin();
    return next ??= now.catch(() => {}).then(() => { next = null; return begin(); });
  };
}

/** Kept while it is answered: what somebody else does must not take the answer away. */
function pollCard(ctx, path) {
  const title = h("h2"), about = h("p.poll-about.small.muted"), body = h("div"), foot = h(".row.apart");
  const element = h("article.card.poll", title, about, h(".poll-body", body, foot));
  const draw = drawing();
  let poll, people, isAsked = false, isChanging = false;

  function show(next, who = people) {
    [poll, people] = [next, who];
    element.classList.toggle("over", poll.status === "closed");
    draw(title, poll.question);
    draw(about, meta(poll));
    const wasAsked = isAsked;
    isAsked = poll.status === "open" && poll.may_answer && (!poll.mine || isChanging);
    if (!isAsked) answered();
    else if (!wasAsked) answering();
  }

  function answered() {
    const mayChange = poll.status === "open" && poll.mine && poll.may_change && poll.may_answer;
    draw(body, poll.result ? results(poll, people) : hidden(poll));
    draw(foot, mayChange && button(t("polls.change"), change, { kind: "slim" }), closing());
  }

  function change() {
    isChanging = true;
    show(poll);
    body.querySelector("input, [tabindex]")?.focus();
  }

  function closing() {
    return poll.status === "open" && poll.may_close && button(t("polls.close"), async () =>
      done(await ctx.api.post(`${path}/${poll.id}/close`)), { kind: "slim quiet poll-close" });
  }

  function answering() {
    const made = ballot(poll, { changed: () => ready() });
    const send = button(t("polls.send"), async () => {
      done(await ctx.api.put(`${path}/${poll.id}/ballot`, made.value()));
      announce(t("polls.sent"));
    }, { kind: "main" });
    const ready = () => { send.disabled = made.value() === null; };
    ready();
    draw(body, made.element);
    draw(foot, send, closing());
  }

  /** The button is gone; whoever was on it is still at this question. */
  function done(next) {
    isChanging = false;
    show(next);
    enter();
  }

  /** Who has asked for it goes on from here. */
  function enter() {
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  }

  return { element, show, enter };
}

/** What looks as it did when it was drawn stays: it moves nothing, and keeps the focus. */
function drawing() {
  const looks = new Map();
  return (place, ...parts) => {
    const made = h("div", parts);
    if (looks.get(place) === made.innerHTML) return;
    looks.set(place, made.innerHTML);
    place.replaceChildren(...made.childNodes);
  };
}

function hidden(poll) {
  return h("p.poll-hidden", icon(poll.mine ? "check" : "clock"),
    t(poll.mine ? `polls.hidden_${poll.visible}` : "polls.hidden"));
}

function meta(poll) {
  const said = [t(`polls.kind_${poll.kind}`), t("runoff.answered", { n: poll.answered, of: poll.voters })];
  if (poll.is_anonymous) said.push(t("polls.anonymous"));
  if (poll.status === "closed") said.push(t("polls.over"));
  else if (poll.ends_at) said.push(t("polls.until", { time: hour(poll.ends_at) }));
  return said.join(" · ");
}
