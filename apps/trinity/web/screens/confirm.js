// The code of the mail.

import { accountOf, codeOfMail, frame, onward, signIn, withNext } from "../entry.js";
import { form } from "../forms.js";
import { t } from "../i18n.js";
import { button, empty, h, link, toast } from "../ui.js";

export default async function confirm(ctx) {
  const id = ctx.query.get("id");
  if (!id) {
    const anew = link(t("register"), "/register", { kind: "main" });
    return frame(t("confirm.title"), "", empty("door", t("confirm.lost"), t("confirm.lost_text"), anew));
  }
  const account = accountOf(id);
  const fields = { code: codeOfMail() };
  const deed = async ({ code }) => {
    const digits = code.replace(/\D/g, "");
    if (digits.length !== 6) return fields.code.complain(t("mail.short"));
    await ctx.api.post("/auth/confirm", { id, code: digits }, { open: true, key: null });
    if (!account) return ctx.go(withNext("/login", ctx.query), { replace: true });
    await signIn(account.email, account.password, { isNew: true });
    toast(t("confirm.done"));
    return ctx.go(onward(ctx.query), { replace: true });
  };
  const again = async () => {
    await ctx.api.post("/auth/resend", { id }, { open: true, key: null });
    toast(t("confirm.again"));
  };
  return frame(t("confirm.title"), account ? t("confirm.lead", { email: account.email }) : t("confirm.lead_any"),
    form(fields, t("confirm.do"), deed, { wrong: { CODE_WRONG: "code" } }),
    h(".entry-else", h("p", t("confirm.none")), button(t("confirm.resend"), again, { kind: "slim" })));
}
