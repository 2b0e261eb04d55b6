// Two languages, whole: every key stands in both files, which a test counts.

import { language } from "./store.js";
import en from "./texts/en.js";
import es from "./texts/es.js";

const TEXTS = { en, es };
export const LANGUAGES = { en: "English", es: "Español" };

export function spoken() {
  const chosen = language.get() ?? navigator.language?.slice(0, 2);
  return chosen in TEXTS ? chosen : "en";
}

export function speak(chosen) {
  language.set(chosen);
  document.documentElement.lang = spoken();
}

/** The text, with `{name}` filled in. One that counts is `{one, other}` and is chosen by `n`. */
export function t(key, given = {}) {
  const found = TEXTS[spoken()][key] ?? en[key];
  if (found === undefined) return key;
  const text = typeof found === "string" ? found : (found[plural(given.n)] ?? found.other);
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in given ? shown(given[name]) : all));
}

/** What a refusal means, in words for people. */
export function why(error) {
  const key = `error.${error?.code}`;
  if (key in en) return t(key);
  if (error?.status === 429) return t("error.TOO_MANY", { n: error.retryAfter ?? 60 });
  if (error?.status === 401) return t("error.AUTH");
  if (error?.status === 422 || error?.status === 400) return error.message || t("error.INVALID");
  return t("error.UNKNOWN");
}

/** "Nov 30", with its year when that is another one. */
export function day(at) {
  const date = new Date(at);
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat(spoken(), { day: "numeric", month: "short", year }).format(date);
}

export function moment(at) {
  return new Intl.DateTimeFormat(spoken(), { dateStyle: "long", timeStyle: "short" }).format(new Date(at));
}

export function hour(at) {
  return new Intl.DateTimeFormat(spoken(), { timeStyle: "short" }).format(new Date(at));
}

/** "3 minutes ago", as short as it can be said. */
export function ago(at) {
  const seconds = Math.round((new Date(at) - Date.now()) / 1000);
  const format = new Intl.RelativeTimeFormat(spoken(), { numeric: "auto", style: "short" });
  const steps = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return t("time.now");
}

/** "1 h 20 min", "45 s". */
export function lasting(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ""}`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

function plural(n) {
  return new Intl.PluralRules(spoken()).select(Number(n ?? 0));
}

function shown(value) {
  return typeof value === "number" ? new Intl.NumberFormat(spoken()).format(value) : String(value);
}
