// What the screens of signing in share: their frame, the way on afterwards, and the password's rules.

import { api, signedIn } from "./api.js";
import { field } from "./fields.js";
import { speak, spoken, t } from "./i18n.js";
import { language, theme } from "./store.js";
import { h, head, icon } from "./ui.js";

// An address and a password that wait for their code: known to this page only, and never kept.
let waiting = null;

export function frame(title, lead, ...rest) {
  return h(".screen.narrow.entry", head(title, lead), rest);
}

/** Where one wanted to go: only a path of this site. */
export function onward(query) {
  const next = query.get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) ? next : "/";
}

export function withNext(path, query) {
  const next = query.get("next");
  return next ? `${path}${path.includes("?") ? "&" : "?"}next=${encodeURIComponent(next)}` : path;
}

export function waitsFor(id, account) {
  waiting = { id, ...account };
}

export function accountOf(id) {
  return waiting?.id === id ? waiting : null;
}

export async function signIn(email, password, { isNew = false } = {}) {
  signedIn(await api.post("/auth/login", { email, password }, { open: true, key: null }));
  waiting = null;
  await (isNew ? asItIsHere() : asHeLikes());
}

/** Language and theme go with the person to each browser. */
async function asHeLikes() {
  try {
    const profile = await api.get("/users/profile");
    if (profile.language && !language.get()) speak(profile.language);
    if (profile.theme) theme.set(profile.theme);
  } catch {
    // he is signed in all the same
  }
}

/** Who is new likes what this browser shows him. */
async function asItIsHere() {
  await api.put("/users/profile", { language: spoken(), theme: theme.get() }).catch(() => {});
}

const RULES = [["length", /.{8,}/], ["lower", /[a-z]/], ["upper", /[A-Z]/], ["digit", /\d/]];

/** A new password, with what it still lacks. */
export function newPassword() {
  const found = field(t("password.new"), { type: "password", autocomplete: "new-password", required: true });
  const marks = RULES.map(([name]) => h("li", icon("check"), h("span", t(`password.${name}`))));
  const judge = () => RULES.forEach(([, rule], i) => marks[i].classList.toggle("done", rule.test(found.input.value)));
  found.input.addEventListener("input", judge);
  found.element.append(h("ul.rules", { "aria-label": t("password.rules") }, marks));
  return {
    ...found,
    get value() { return found.input.value; },
    get isGood() { return RULES.every(([, rule]) => rule.test(found.input.value)); },
  };
}

export function emailField(value = "") {
  return field(t("email"), { type: "email", autocomplete: "email", inputmode: "email", required: true, value });
}

export function codeOfMail() {
  return field(t("mail.code"), {
    class: "code-input", inputmode: "numeric", autocomplete: "one-time-code", maxlength: "6", pattern: "\\d{6}",
    placeholder: "000000", required: true,
  });
}
