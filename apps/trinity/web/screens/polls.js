// Whatever a group wants to know of itself: asked by anybody, answered here, with the result as far
// as was agreed when it was asked.

import { ballot, results } from "../ballot.js";
import { channels } from "../connection.js";
import { hour, t } from "../i18n.js";
import { watchRoom } from "../live.js";
import { form } from "../pollform.js";
import { announce, button, empty, fill, h, icon, toast } from "../ui.js";

export default async function polls(ctx) {
  const { id } = ctx.params;
  const path = `/rooms/${id}/polls`;
  const list = h(".polls", { role: "feed", "aria-label": t("polls.title") });
  const cards = new Map();
  let room;

  async function read() {
    const { items } = await ctx.api.get(`${path}?limit=50`);
    const shown = items.filter((one) => one.purpose === "asked");
    for (const poll of shown) {
      const card = cards.get(poll.id) ?? pollCard(ctx, path);
      cards.set(poll.id, card);
      card.show(poll, room);
    }
    const wanted = shown.map((one) => cards.get(one.id).element);
    if (!wanted.length) fill(list, empty("poll", t("polls.none"), t("polls.none_text")));
    else if (wanted.some((one, at) => list.children[at] !== one)) list.replaceChildren(...wanted);
  }

  const watch = await watchRoom(id, {
    api: ctx.api,
    channels: channels(),
    event: (event) => event.kind === "poll" && read(),
    progress: (said) => said.kind === "poll_progress" && read(),
    out: () => ctx.go("/"),
  });
  room = watch.room;
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
    list);
}

/** Kept while it is answered: what somebody else does must not take the answer away. */
function pollCard(ctx, path) {
  const body = h(".poll-body"), about = h("p.poll-about.small.muted");
  const title = h("h2");
  const element = h("article.card.poll", title, about, body);
  let poll, room, isAsked = false, isChanging = false;

  function show(next, where = room) {
    [poll, room] = [next, where];
    title.textContent = poll.question;
    element.classList.toggle("over", poll.status === "closed");
    fill(about, meta(poll));
    const wasAsked = isAsked;
    isAsked = poll.status === "open" && poll.may_answer && (!poll.mine || isChanging);
    if (!wasAsked || !isAsked) fill(body, parts());
  }

  function parts() {
    if (isAsked) return answering();
    const mayChange = poll.status === "open" && poll.mine && poll.may_change && poll.may_answer;
    return [
      poll.result ? results(poll, room.members) : hidden(poll),
      h(".row.apart", mayChange && button(t("polls.change"), () => { isChanging = true; show(poll); }, { kind: "slim" }),
        closing()),
    ];
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
    return [made.element, h(".row.apart", send, closing())];
  }

  function done(next) {
    isChanging = false;
    show(next);
  }

  return { element, show };
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
