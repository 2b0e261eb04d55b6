// A forgotten password: the address first, then the code of the mail and another password.

import { codeOfMail, emailField, frame, newPassword, onward, signIn, withNext } from "../entry.js";
import { form, isFilled } from "../forms.js";
import { t } from "../i18n.js";
import { fill, h, toast } from "../ui.js";

export default async function reset(ctx) {
  const place = h(".stack");
  const fields = { email: emailField() };
  const ask = async ({ email }) => {
    if (!isFilled(fields, { email: t("email.wrong") })) return;
    await ctx.api.post("/auth/forgot", { email: email.trim() }, { open: true, key: null });
    fill(place, second(ctx, email.trim()));
    place.querySelector("input").focus();
  };
  fill(place, form(fields, t("reset.send"), ask, { wrong: { EMAIL_WRONG: "email" } }));
  return frame(t("reset.title"), t("reset.lead"), place,
    h(".entry-else", h("a", { href: withNext("/login", ctx.query) }, t("reset.back"))));
}

function second(ctx, email) {
  const fields = { code: codeOfMail(), password: newPassword() };
  const deed = async ({ code, password }) => {
    if (!isFilled(fields, { code: t("mail.short") })) return;
    if (!fields.password.isGood) return fields.password.complain(t("password.weak"));
    await ctx.api.post("/auth/reset", { email, code: code.replace(/\D/g, ""), password }, { open: true, key: null });
    await signIn(email, password);
    toast(t("reset.done"));
    ctx.go(onward(ctx.query), { replace: true });
  };
  return [
    h("p.notice", t("reset.sent", { email })),
    form(fields, t("reset.do"), deed, { wrong: { CODE_WRONG: "code", PASSWORD_WEAK: "password" } }),
  ];
}
