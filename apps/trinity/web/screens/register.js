// A new account; of a guest one that keeps his seat and his votes.

import { emailField, frame, newPassword, waitsFor, withNext } from "../entry.js";
import { field } from "../fields.js";
import { form, isFilled } from "../forms.js";
import { t } from "../i18n.js";
import { h } from "../ui.js";

const WRONG = { EMAIL_WRONG: "email", EMAIL_TAKEN: "email", PASSWORD_WEAK: "password", NAME_WRONG: "name" };

export default async function register(ctx) {
  const isGuest = ctx.me?.is_guest === true;
  const fields = {
    name: field(t("name"), { autocomplete: "name", required: true, maxlength: "40", value: ctx.me?.name ?? "" }, { hint: t("name.hint") }),
    email: emailField(),
    password: newPassword(),
  };
  const deed = async ({ name, email, password }) => {
    if (!isFilled(fields, { name: t("name.empty"), email: t("email.wrong") })) return;
    if (!fields.password.isGood) return fields.password.complain(t("password.weak"));
    const account = { name: name.trim(), email: email.trim(), password };
    const { id } = await ctx.api.post(isGuest ? "/auth/upgrade" : "/auth/register", account, { open: !isGuest });
    waitsFor(id, account);
    ctx.go(withNext(`/confirm?id=${encodeURIComponent(id)}`, ctx.query));
  };
  return frame(t(isGuest ? "upgrade.title" : "register.title"), t(isGuest ? "upgrade.lead" : "register.lead"),
    form(fields, t(isGuest ? "upgrade.do" : "register.do"), deed, { wrong: WRONG }),
    !isGuest && h(".entry-else", h("p", t("register.known"), " ", h("a", { href: withNext("/login", ctx.query) }, t("login")))));
}
