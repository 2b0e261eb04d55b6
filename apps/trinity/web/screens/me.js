// Oneself: name, language, theme, what one is told of; and the way out.

import { api } from "../api.js";
import { chips, choices, field, toggle } from "../fields.js";
import { LANGUAGES, speak, spoken, t, why } from "../i18n.js";
import { session, theme } from "../store.js";
import { avatar, busy, button, confirm, h, icon, link, toast } from "../ui.js";

export default async function me(ctx) {
  const [profile, genres] = await Promise.all([
    ctx.api.get("/users/profile", { signal: ctx.signal }), ctx.api.get("/genres?kind=movie", { signal: ctx.signal }),
  ]);
  const keep = keeping(ctx);
  return h(".screen",
    h("header.me", avatar(profile.name, profile.id), h("div", h("h1", profile.name), h("p.muted", profile.email ?? t("me.guest")))),
    profile.is_guest && upgrade(),
    named(ctx, profile),
    h("section.card.stack.loose", { "aria-labelledby": "look" }, h("h2#look", t("me.look")),
      choices(t("me.theme"), "theme", ["system", "dark", "light"].map((value) =>
        ({ value, text: t(`theme.${value}`) })), theme.get(), (value) => {
        theme.set(value);
        keep({ theme: value });
      }),
      choices(t("me.language"), "language", Object.entries(LANGUAGES).map(([value, text]) => ({ value, text })), spoken(), (value) => {
        keep({ language: value });
        speak(value);
      })),
    h("section.card.stack", { "aria-labelledby": "taste" }, h("h2#taste", t("me.taste")), h("p.muted.small", t("me.taste_text")),
      chips(t("me.taste"), genres.map((one) => ({ value: one.id, text: one[`name_${spoken()}`] })), profile.genres,
        genres.length, (chosen) => keep({ genres: chosen }))),
    h("section.card.stack", { "aria-labelledby": "told" }, h("h2#told", t("me.told")),
      toggle(t("me.notify"), profile.notify, (isOn) => keep({ notify: isOn }), t("me.notify_text"))),
    h("ul.list", h("li", row("/history", "clock", t("history.title"))), h("li", row("/matches", "library", t("matches.title")))),
    button(t("logout"), () => leave(ctx, profile), { kind: "danger", icon: "door" }));
}

/** One change after another, so that the last one is what stays. */
function keeping(ctx) {
  let last = Promise.resolve();
  return (change) => {
    last = last.then(() => ctx.api.put("/users/profile", change)).catch((error) => toast(why(error), "bad"));
  };
}

function upgrade() {
  return h("section.card.upgrade", h("h2", t("guest.title")), h("p", t("guest.text")),
    link(t("guest.keep"), "/register?next=/me", { kind: "main" }));
}

function named(ctx, profile) {
  const name = field(t("name"), { value: profile.name, maxlength: "40", autocomplete: "name", required: true });
  const save = h("button.button", { type: "submit" }, h("span", t("save")));
  return h("form.card.name-row", { novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    if (!name.value.trim()) return name.complain(t("name.empty"));
    return busy(save, async () => {
      const after = await ctx.api.put("/users/profile", { name: name.value.trim() });
      session.set({ ...session.get(), name: after.name });
      toast(t("me.saved"));
      ctx.again();
    });
  } }, name.element, save);
}

function row(href, glyph, text) {
  return h("a.room-card", { href }, h("span.room-glyph", icon(glyph)), h("strong.room-words", text), icon("chevron"));
}

async function leave(ctx, profile) {
  if (profile.is_guest && !(await confirm(t("logout"), t("logout.guest"), t("logout"), { kind: "danger" }))) return;
  const { refresh } = session.get();
  session.set(null);
  api.post("/auth/logout", { refresh }, { open: true, key: null }).catch(() => {}); // it ends by itself, too
  ctx.go("/");
}
