// Into a room in two steps: its link or code, and a name. Who is signed in needs no name.

import { signedIn } from "../api.js";
import { codeField } from "../codefield.js";
import { field } from "../fields.js";
import { form } from "../forms.js";
import { t, why } from "../i18n.js";
import { session } from "../store.js";
import { avatar, button, confirm, h, head, link } from "../ui.js";

const GONE = new Set(["INVITE_UNKNOWN", "CODE_REVOKED", "CODE_EXPIRED", "NO_ROOM"]);

export default async function join(ctx) {
  if (!ctx.params.code) return byCode(ctx);
  try {
    const path = `/invites/${encodeURIComponent(ctx.params.code)}`;
    return invited(ctx, await ctx.api.get(path, { open: true, signal: ctx.signal }));
  } catch (error) {
    if (!GONE.has(error.code)) throw error;
    return byCode(ctx, why(error));
  }
}

function byCode(ctx, wrong = "") {
  const code = codeField(ctx.params.code ?? "");
  const element = form({ code }, t("next"), () => {
    if (code.isWhole) ctx.go(`/join/${code.value}`);
    else code.complain(t("code.short"));
  });
  if (wrong) queueMicrotask(() => code.complain(wrong));
  return h(".screen.narrow.entry", head(t("join.title"), t("join.lead")), element,
    h(".entry-else", h("p", t("join.none"), " ", h("a", { href: "/new" }, t("welcome.create")))));
}

function invited(ctx, invite) {
  return h(".screen.narrow.entry",
    h(".ticket",
      h(".ticket-top",
        h("p.kicker", t("join.invites", { name: invite.host_name })),
        h("h1", invite.name),
        h("p.muted", t("join.seats", { n: invite.members, capacity: invite.capacity }))),
      h(".ticket-cut", { "aria-hidden": "true" }),
      h(".ticket-end", ctx.me ? asMember(ctx) : asGuest(ctx))),
    !ctx.me && h(".entry-else", h("p", t("join.known"), " ",
      h("a", { href: `/login?next=${encodeURIComponent(location.pathname)}` }, t("login")))));
}

function asGuest(ctx) {
  const name = field(t("join.name"), {
    autocomplete: "given-name", maxlength: "40", required: true, enterkeyhint: "go", placeholder: t("join.name_like"),
  });
  return form({ name }, t("join.do"), async (given) => {
    if (!given.name.trim()) return name.complain(t("name.empty"));
    return into(ctx, { code: ctx.params.code, name: given.name.trim() });
  }, { wrong: { NAME_WRONG: "name" }, after: [h("p.hint", t("join.guest"))] });
}

function asMember(ctx) {
  return h(".stack",
    h(".row", avatar(ctx.me.name, ctx.me.id), h("p", t("join.as"), " ", h("strong", ctx.me.name))),
    button(t("join.do"), () => enter(ctx), { kind: "main big full" }),
    link(t("join.not_now"), "/", { kind: "quiet" }));
}

async function enter(ctx) {
  try {
    await into(ctx, { code: ctx.params.code });
  } catch (error) {
    if (error.code !== "GUEST_HAS_A_ROOM") throw error;
    const isFresh = await confirm(t("join.other"), t("join.other_text"), t("join.fresh"));
    if (!isFresh) return;
    session.set(null);
    ctx.again();
  }
}

async function into(ctx, wanted) {
  const { room, session: fresh } = await ctx.api.post("/rooms/join-by-code", wanted, { open: !ctx.me });
  if (fresh) signedIn(fresh);
  ctx.go(`/rooms/${room.id}`, { replace: true });
}
