// What one may say of a title: the row of round buttons, and the keys that do the same.

import { t } from "./i18n.js";
import { h, icon } from "./ui.js";

export const KEYS = {
  ArrowLeft: "nope", ArrowRight: "like", ArrowUp: "super", ArrowDown: "skip", v: "veto", Backspace: "undo",
};
const SHOWN = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", v: "V", Backspace: "⌫" };
const BUTTONS = [
  ["undo", "undo", "small"], ["nope", "x", "big"], ["super", "star", ""], ["like", "heart", "big"],
  ["skip", "clock", "small"], ["veto", "ban", "small"],
];

/** Buttons by what they say; `deed(name)` does it. */
export function choiceBar(rules, deed) {
  const buttons = new Map(BUTTONS.filter(([name]) => isGiven(name, rules))
    .map(([name, glyph, size]) => [name, button(name, glyph, size, deed)]));
  return {
    element: h(".choices-bar", { role: "group", "aria-label": t("swipe.choices") }, [...buttons.values()]),
    /** What may be done now, and how many are left of what is counted. */
    show(can, left) {
      for (const [name, element] of buttons) {
        element.disabled = !can(name);
        const count = element.querySelector(".left");
        if (count) count.textContent = String(left[name]);
      }
    },
  };
}

function button(name, glyph, size, deed) {
  return h("button.choice", {
    type: "button", class: size, dataset: { choice: name }, "aria-label": t(`swipe.${name}`), title: t(`swipe.${name}`),
    "aria-keyshortcuts": keyOf(name), onclick: () => deed(name),
  }, icon(glyph), isCounted(name) && h("span.left"));
}

export function legend(rules) {
  const names = ["nope", "like", "super", "skip", "veto", "undo"].filter((name) => isGiven(name, rules));
  return h("dl.keys", names.map((name) =>
    h("div", h("dt", h("kbd", SHOWN[keyOf(name)])), h("dd", t(`swipe.${name}`)))));
}

function keyOf(name) {
  return Object.keys(KEYS).find((key) => KEYS[key] === name);
}

const isCounted = (name) => name === "super" || name === "veto";

function isGiven(name, rules) {
  return name === "super" ? rules.supers > 0 : name !== "veto" || rules.vetoes > 0;
}
