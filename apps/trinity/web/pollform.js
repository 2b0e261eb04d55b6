// A question is made: what is asked, of what kind, between what, and who sees the result when.

import { choices, field, toggle } from "./fields.js";
import { t } from "./i18n.js";
import { dialog, fill, h, icon } from "./ui.js";

const KINDS = [["single", "check"], ["multiple", "list"], ["ranked", "grip"], ["rating", "star"]];
const VISIBLE = ["live", "after_vote", "closed", "host"];
const MINUTES = [0, 1, 5, 15, 60];
const OPTIONS_MAX = 20;

/** `send(poll)` gives the poll as it was made; resolves with it, or with null. */
export function form(send) {
  const asked = { kind: "single", visible: "after_vote", minutes: 0, is_anonymous: false, may_change: true,
    ends_when_all: false };
  const question = field(t("polls.question"), { maxlength: 200, required: true, autocomplete: "off" });
  const options = optionList();
  const set = (name) => (is) => { asked[name] = is; };
  const body = h(".stack.poll-form", question.element,
    choices(t("polls.kind"), "poll-kind", KINDS.map(([value, glyph]) =>
      ({ value, text: t(`polls.kind_${value}`), icon: glyph })), asked.kind, set("kind")),
    options.element,
    h("details.more", h("summary", t("polls.more")), h(".stack",
      choices(t("polls.visible"), "poll-visible", VISIBLE.map((value) =>
        ({ value, text: t(`polls.visible_${value}`) })), asked.visible, set("visible")),
      choices(t("polls.minutes"), "poll-minutes", MINUTES.map((value) =>
        ({ value, text: value ? t("polls.minutes_n", { n: value }) : t("polls.minutes_none") })), asked.minutes,
      set("minutes")),
      toggle(t("polls.anonymous"), asked.is_anonymous, set("is_anonymous"), t("polls.anonymous_text")),
      toggle(t("polls.may_change"), asked.may_change, set("may_change")),
      toggle(t("polls.ends_when_all"), asked.ends_when_all, set("ends_when_all")))));

  async function deed() {
    const texts = options.value();
    if (!question.value.trim()) return question.complain(t("polls.question_missing"));
    if (texts.length < 2) return options.complain(t("polls.options_few"));
    if (new Set(texts).size < texts.length) return options.complain(t("error.SAME_OPTIONS"));
    const { minutes, ...rest } = asked;
    return send({ ...rest, question: question.value.trim(), options: texts, minutes: minutes || null });
  }
  return dialog(t("polls.ask"), body, [{ text: t("polls.open"), kind: "main", deed }], { kind: "tall" });
}

/** One field a line; the last one makes the next. */
function optionList() {
  const list = h("ol.option-fields"), wrong = h("p.wrong", { role: "alert" });
  const inputs = () => [...list.querySelectorAll("input")];
  const add = () => {
    const no = list.children.length + 1;
    const input = h("input.input", { maxlength: 200, autocomplete: "off", "aria-label": t("polls.option", { n: no }),
      placeholder: t("polls.option", { n: no }), oninput: grow, onkeydown: step });
    list.append(h("li", input));
  };
  function grow() {
    fill(wrong);
    if (inputs().at(-1).value && list.children.length < OPTIONS_MAX) add();
  }
  function step(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    inputs()[inputs().indexOf(event.target) + 1]?.focus();
  }
  add(); add(); add();
  return {
    element: h("fieldset.field", h("legend", t("polls.options")), list, wrong, h("p.hint", icon("plus"), t("polls.options_hint"))),
    value: () => inputs().map((one) => one.value.trim()).filter(Boolean),
    complain: (text) => { wrong.textContent = text; },
  };
}
