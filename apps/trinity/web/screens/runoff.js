// All are asked again, of the best only. It is a poll; what it decides, everybody sees as a match.

import { ballot } from "../ballot.js";
import { countdown } from "../countdown.js";
import { meter, otherCrew } from "../crew.js";
import { t } from "../i18n.js";
import { roomHead } from "../roomhead.js";
import { genreNames, poster } from "../titles.js";
import { announce, button, fill, h, icon } from "../ui.js";

export default async function runoff(ctx, live) {
  const path = `/rooms/${live.id}/polls/${live.room.poll}`;
  const [poll, deck] = await Promise.all([
    ctx.api.get(path), ctx.api.get(`/rooms/${live.id}/deck`), genreNames(ctx.api),
  ]);
  const titles = new Map(deck.titles.map((one) => [one.id, one]));
  const place = h(".runoff-place"), count = h(".count");
  let now = poll, isChanging = false;
  const isOther = otherCrew(live.room);
  const clock = countdown(() => now.status === "open" && now.ends_at, ctx.signal);

  function show() {
    tell();
    const isAsked = now.may_answer && (!now.mine || isChanging);
    fill(place, isAsked ? asked() : waits(), now.may_close && button(t("runoff.close"), close, { kind: "quiet" }));
  }

  function tell() {
    fill(count, h("span.numbers", t("runoff.answered", { n: now.answered, of: now.voters })),
      meter(Math.round((100 * now.answered) / Math.max(1, now.voters))));
  }

  /** What is being answered stays as it is. */
  function counted({ answered, voters }) {
    now = { ...now, answered, voters };
    if (now.mine && !isChanging) show();
    else tell();
  }

  function asked() {
    const made = ballot(now, { art: (id) => titles.has(id) && poster(titles.get(id)), changed: () => ready() });
    const send = button(t("runoff.send"), async () => {
      now = await ctx.api.put(`${path}/ballot`, made.value());
      isChanging = false;
      show();
      announce(t("runoff.sent"));
    }, { kind: "main big full" });
    const ready = () => { send.disabled = made.value() === null; };
    ready();
    return h(".stack", made.element, send);
  }

  function waits() {
    return h(".rest", h(".empty-art.pulse", icon(now.mine ? "check" : "clock")),
      h("h2", t(now.mine ? "runoff.sent" : "watching.title")),
      h("p.muted", t("runoff.waiting", { n: now.voters - now.answered })),
      now.mine && now.may_change && button(t("runoff.change"), () => { isChanging = true; show(); }, { kind: "quiet" }));
  }

  async function close() {
    now = await ctx.api.post(`${path}/close`);
    await live.refresh();
  }

  live.on("progress", (said) => {
    if (said.kind === "poll_progress" && said.poll_id === now.id) counted({ answered: said.voted, voters: said.size });
  });
  live.on("room", (room) => isOther(room) && ctx.api.get(path).then(counted, () => {})); // the next answer tells it too
  show();
  return h(".screen.runoff", roomHead(ctx, live, { title: t("runoff.title"), below: h(".row.swipe-state", count, clock) }),
    h("p.lead", t(`runoff.lead_${poll.kind === "multiple" ? "approval" : "ranked"}`)), place);
}
