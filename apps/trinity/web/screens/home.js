// Where one begins: to strangers what this is and a place for a code, to who is signed in his rooms.

import { codeField } from "../codefield.js";
import { ago, t } from "../i18n.js";
import { isOpen } from "../live.js";
import { cover, genreNames, poster, thumbnail } from "../titles.js";
import { empty, h, icon, link, mark } from "../ui.js";
import { KINDS } from "../wizard.js";
import { tile } from "./matches.js";

// As they are in a deck, so that they look as they do there.
const HAND = [
  { id: "her-2013", name: "Her", year: 2013, genres: ["romance", "science_fiction", "drama"] },
  { id: "up-2009", name: "Up", year: 2009, genres: ["animation", "family", "adventure", "comedy"] },
  { id: "la-la-land-2016", name: "La La Land", year: 2016, genres: ["music", "romance", "drama"] },
];

export default async function home(ctx) {
  return ctx.me ? rooms(ctx) : welcome(ctx);
}

// -- strangers

function welcome(ctx) {
  return h(".screen.wide.welcome",
    h("section.hero",
      h(".hero-words",
        h("p.kicker", t("welcome.kicker")),
        h("h1.hero-title", t("welcome.title")),
        h("p.lead", t("welcome.lead")),
        joining(ctx),
        h("p.hero-else", t("welcome.or"), " ", h("a", { href: "/register?next=/new" }, t("welcome.create")))),
      h(".hero-art", { "aria-hidden": "true" }, fan())),
    h("ol.steps", [1, 2, 3].map((n) => h("li.step", h("span.step-n.display", { "aria-hidden": "true" }, n),
      h("div", h("h2", t(`welcome.step${n}`)), h("p.muted", t(`welcome.step${n}_text`)))))));
}

/** A hand of three, the one on top of which everybody likes. */
function fan() {
  return h(".fan", HAND.map((title, at) => h(".fan-card", { class: "abc"[at] }, poster(title))), h("span.fan-match", mark()));
}

function joining(ctx) {
  const code = codeField();
  return h("form.join-row", { onsubmit: (event) => {
    event.preventDefault();
    if (code.isWhole) ctx.go(`/join/${code.value}`);
    else code.complain(t("code.short"));
  } }, code.element, h("button.button.main.big", { type: "submit" }, t("join")));
}

// -- who is signed in

async function rooms(ctx) {
  const [{ items }] = await Promise.all([ctx.api.get("/rooms?limit=50", { signal: ctx.signal }), genreNames(ctx.api)]);
  const open = items.filter((one) => isOpen(one));
  const agreed = items.filter((one) => one.match && !isOpen(one));
  return h(".screen.wide",
    h("header.greeting",
      h("div", h("h1", t("home.title", { name: ctx.me.name.split(" ")[0] })),
        h("p.lead", t(open.length ? "home.lead" : "home.lead_none"))),
      !ctx.me.is_guest && link(t("home.new"), "/new", { kind: "main big", icon: "plus" })),
    h(".home-grid",
      h("section.section", { "aria-labelledby": "open" }, h("h2#open", t(open.length || ctx.me.is_guest ? "home.open" : "home.start")),
        open.length ? h("ul.list", open.map(card)) : nothing(ctx)),
      h("aside.section", { "aria-labelledby": "code" }, h("h2#code", t("home.join")),
        h(".card.stack", h("p.muted", t("home.join_text")), joining(ctx)))),
    agreed.length > 0 && h("section.section", { "aria-labelledby": "past" },
      h(".section-head", h("h2#past", t("home.past")), h("a", { href: "/history" }, t("home.all"))),
      h("ul.library.strip", agreed.slice(0, 6).map((one) =>
        tile(ctx, one.match, { room_id: one.id, room_name: one.name, at: one.touched_at })))));
}

function nothing(ctx) {
  if (ctx.me.is_guest)
    return h(".card", empty("film", t("home.none"), t("home.none_guest"), link(t("guest.keep"), "/register", { kind: "main" })));
  return h("ul.starts", KINDS.map(([kind, glyph]) => h("li", h("a.pick", { href: `/new?kind=${kind}` },
    h("span.room-glyph", icon(glyph)), h("span", h("strong", t(`kind.${kind}`)), h("small", t(`kind.${kind}_text`)))))));
}

function card(room) {
  return h("li", h("a.room-card", { href: `/rooms/${room.id}` },
    h("span.room-art", room.match ? thumbnail(room.match) : cover(room)),
    h("span.room-words", h("strong", room.name),
      h("span.muted.small", [t("members", { n: room.members ?? 1 }), ago(room.touched_at ?? room.created_at)].join(" · "))),
    status(room.status), icon("chevron")));
}

export function status(name) {
  const look = { voting: "live", runoff: "live", matched: "warm", completed: "over", cancelled: "over" }[name] ?? "";
  return h("span.pill", { class: look }, t(`status.${name}`));
}
