// Signing in.

import { emailField, frame, onward, signIn, withNext } from "../entry.js";
import { field } from "../fields.js";
import { form, isFilled } from "../forms.js";
import { t } from "../i18n.js";
import { h } from "../ui.js";

export default async function login(ctx) {
  const fields = {
    email: emailField(ctx.query.get("email") ?? ""),
    password: field(t("password"), { type: "password", autocomplete: "current-password", required: true }),
  };
  const deed = async ({ email, password }) => {
    if (!isFilled(fields, { email: t("email.wrong"), password: t("password.empty") })) return;
    await signIn(email.trim(), password);
    ctx.go(onward(ctx.query), { replace: true });
  };
  return frame(t("login.title"), t("login.lead"),
    form(fields, t("login"), deed, { wrong: { EMAIL_WRONG: "email" } }),
    h(".entry-else",
      h("a", { href: withNext("/reset", ctx.query) }, t("login.forgot")),
      h("p", t("login.new"), " ", h("a", { href: withNext("/register", ctx.query) }, t("register")))),
    h("p.entry-code.muted", t("login.code"), " ", h("a", { href: "/join" }, t("login.join"))));
}
