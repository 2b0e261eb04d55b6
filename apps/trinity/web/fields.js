// What one fills in and chooses from: a line, one of a few, yes or no, a number.

import { t } from "./i18n.js";
import { h, icon } from "./ui.js";

let fields = 0;

/** A labelled input, with a place for what is wrong with it. */
export function field(label, given = {}, { hint } = {}) {
  const id = `field-${++fields}`;
  const input = h(given.rows ? "textarea" : "input", { id, ...given });
  const under = h("p.hint", { id: `${id}-hint` }, hint ?? "");
  const wrong = h("p.wrong", { id: `${id}-wrong`, role: "alert" });
  input.setAttribute("aria-describedby", `${id}-wrong ${id}-hint`);
  const element = h(".field", h("label", { for: id }, label), input, wrong, under);
  const complain = (text) => {
    wrong.textContent = text ?? "";
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    if (text) input.focus();
  };
  input.addEventListener("input", () => complain(""));
  return { element, input, complain, get value() { return input.value; } };
}

/** A choice of a few, as a group of radio buttons that look like one piece. */
export function choices(legend, name, options, chosen, changed = () => {}) {
  const longest = Math.max(...options.map(({ text, hint }) => (hint ? Infinity : text.length)));
  const isFew = options.length < 4 ? longest < 12 : longest < 8;
  return h("fieldset.choices", h("legend", legend),
    h(".segments", { class: isFew ? "few" : "" }, options.map(({ value, text, icon: glyph, hint }) =>
      h("label.segment", h("input", {
        type: "radio", name, value, checked: value === chosen, onchange: () => changed(value),
      }), glyph && icon(glyph), h("span", text, hint && h("small", hint))))));
}

/** Several of many, at most so many at once; `changed` is told which. */
export function chips(legend, options, chosen, most, changed) {
  const boxes = options.map(({ value }) =>
    h("input", { type: "checkbox", value, checked: chosen.includes(value), onchange: () => changed(taken()) }));
  const taken = () => {
    const found = boxes.filter((one) => one.checked);
    for (const box of boxes) box.disabled = found.length >= most && !box.checked;
    return found.map((one) => one.value);
  };
  taken();
  return h("fieldset.chips", h("legend.only-heard", legend), options.map(({ text, icon: glyph }, at) =>
    h("label.chip", boxes[at], h("span", glyph && icon(glyph), text))));
}

export function toggle(text, isOn, changed = () => {}, hint = "") {
  const input = h("input", { type: "checkbox", role: "switch", checked: isOn, onchange: () => changed(input.checked) });
  return h("label.toggle", h("span", text, hint && h("small", hint)), input);
}

/** A number by its two buttons; the keyboard's arrows do it too. */
export function stepper(label, value, { min, max, step = 1, unit = "", none = "", hint = "" }, changed) {
  const id = `field-${++fields}`;
  const shown = () => (value === 0 && none ? none : `${value}${unit && ` ${unit}`}`);
  const output = h("output", { id, "aria-live": "polite" }, shown());
  const move = (by) => {
    value = Math.min(max, Math.max(min, value + by));
    output.textContent = shown();
    less.disabled = value <= min;
    more.disabled = value >= max;
    changed(value);
  };
  const knob = (glyph, by, text) =>
    h("button.round.solid", { type: "button", "aria-label": `${label}: ${text}`, onclick: () => move(by) }, glyph);
  const less = knob("−", -step, t("less")), more = knob("+", step, t("more"));
  less.disabled = value <= min;
  more.disabled = value >= max;
  return h(".stepper", { role: "group", "aria-label": label },
    h("span.stepper-label", label, hint && h("small", hint)), h(".stepper-knobs", less, output, more));
}
