// Elements, and the few pieces all screens share. Styles are classes: the page's policy allows no
// style attribute, so what must be computed is set through the CSSOM.

import { t, why } from "./i18n.js";

const SVG = "http://www.w3.org/2000/svg";

/** `h("button.main#go", { type: "button", onclick }, "Go")`. What is null or false is left out. */
export function h(tag, given = {}, ...children) {
  return made((name) => document.createElement(name), tag, given, children);
}

export function s(tag, given = {}, ...children) {
  return made((name) => document.createElementNS(SVG, name), tag, given, children);
}

function made(create, tag, given, children) {
  const [name, ...marks] = (/^[.#]/.test(tag) ? `div${tag}` : tag).split(/(?=[.#])/);
  const element = create(name);
  for (const mark of marks) {
    if (mark[0] === "#") element.id = mark.slice(1);
    else element.classList.add(mark.slice(1));
  }
  const isProps = given?.constructor === Object;
  for (const [key, value] of Object.entries(isProps ? given : {})) set(element, key, value);
  put(element, isProps ? children : [given, ...children]);
  return element;
}

function set(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else if (key === "class") element.classList.add(...value.split(" ").filter(Boolean));
  else if (key === "style") for (const [one, is] of Object.entries(value)) element.style.setProperty(one, is);
  else if (key === "dataset") Object.assign(element.dataset, value);
  else if (key === "value") element.value = value;
  else element.setAttribute(key, value === true ? "" : value);
}

export function put(element, children) {
  for (const one of children.flat(Infinity)) {
    if (one === null || one === undefined || one === false) continue;
    element.append(one instanceof Node ? one : String(one));
  }
  return element;
}

/** Its children are these now. */
export function fill(element, ...children) {
  element.replaceChildren();
  return put(element, children);
}

// -- icons: strokes of 24 by 24

const ICONS = {
  back: "M15 5l-7 7 7 7",
  ban: "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM6 6l12 12",
  bell: "M6 16v-5a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4",
  chart: "M5 20V11M12 20V4M19 20v-6",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevron: "M9 5l7 7-7 7",
  clock: "M12 7v5l3.5 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  crown: "M4 18h16M4 15l-1-8 5 3.5L12 5l4 5.5L21 7l-1 8z",
  dice: "M5 5h14v14H5zM9 9h.01M15 9h.01M12 12h.01M9 15h.01M15 15h.01",
  door: "M14 4H6v16h8M11 12h10M17.5 8.5L21 12l-3.5 3.5",
  film: "M4 5h16v14H4zM8 5v14M16 5v14M4 9.7h4M4 14.3h4M16 9.7h4M16 14.3h4",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  heart: "M12 20S4 15 4 9.3A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.3C20 15 12 20 12 20z",
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  library: "M5 4v16M10 4v16M14 4.5l5 15",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  pause: "M8 5v14M16 5v14",
  play: "M7 4.5v15l12-7.5z",
  plus: "M12 5v14M5 12h14",
  poll: "M4 6h16M4 12h10M4 18h13",
  refresh: "M19 8a8 8 0 1 0 1 6M20 4v4.5h-4.5",
  screen: "M3 5h18v11H3zM9 20h6M12 16v4",
  share: "M12 15V4M8 7.5L12 3.5l4 4M5 12v8h14v-8",
  star: "M12 4l2.5 5.2 5.7.8-4.1 4 1 5.6-5.1-2.7-5.1 2.7 1-5.6-4.1-4 5.7-.8z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  undo: "M8 5L4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.8-4 3.8-6 7.500-6s6.700 2 7.500 6",
  users: "M9 11.500a3.700 3.700 0 1 0 0-7.400 3.700 3.700 0 0 0 0 7.400zM2.500 20c.6-3.700 3-5.500 6.500-5.500s5.900 1.800 6.500 5.500M16 4.500a3.600 3.600 0 0 1 0 6.800M17.500 14.700c2.200.7 3.600 2.400 4 5.300",
  x: "M6 6l12 12M18 6L6 18",
};

export function icon(name) {
  return s("svg.icon", { viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    s("path", { d: ICONS[name] }));
}

/** Three circles, and what they share: the match. */
export function mark() {
  return s("svg.mark", { viewBox: "0 0 48 48", "aria-hidden": "true" },
    s("circle.ring", { cx: 24, cy: 17, r: 12.5 }),
    s("circle.ring", { cx: 17, cy: 29.5, r: 12.5 }),
    s("circle.ring", { cx: 31, cy: 29.5, r: 12.5 }),
    s("path.heart", { d: "M24 18.800a12.500 12.500 0 0 1 5.400 8.500 12.500 12.500 0 0 1-5.400 2.500 12.500 12.500 0 0 1-5.400-2.500 12.500 12.500 0 0 1 5.400-8.500z" }));
}

// -- pieces

/** A button that waits for its deed, and says what went wrong. */
export function button(text, deed, { kind = "", icon: name, ...more } = {}) {
  const found = h("button.button", { type: "button", class: kind, ...more }, name && icon(name), h("span", text));
  found.addEventListener("click", (event) => busy(found, () => deed(event)));
  return found;
}

export function link(text, href, { kind = "", icon: name, ...more } = {}) {
  return h("a.button", { href, class: kind, ...more }, name && icon(name), h("span", text));
}

/** The button is out of use and says so until the deed is done; a refusal is shown. */
export async function busy(element, deed) {
  if (element.getAttribute("aria-busy") === "true") return undefined;
  element.setAttribute("aria-busy", "true");
  try {
    return await deed();
  } catch (error) {
    if (error?.name !== "AbortError") toast(why(error), "bad");
    return undefined;
  } finally {
    element.removeAttribute("aria-busy");
  }
}

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
  return h("fieldset.choices", h("legend", legend),
    h(".segments", options.map(({ value, text, icon: glyph, hint }) =>
      h("label.segment", h("input", {
        type: "radio", name, value, checked: value === chosen, onchange: () => changed(value),
      }), glyph && icon(glyph), h("span", text, hint && h("small", hint))))));
}

export function toggle(text, isOn, changed = () => {}, hint = "") {
  const input = h("input", { type: "checkbox", role: "switch", checked: isOn, onchange: () => changed(input.checked) });
  return h("label.toggle", h("span", text, hint && h("small", hint)), input);
}

/** Initials on a colour of one's own. */
export function avatar(name, id = name) {
  const letters = name.trim().split(/\s+/).map((one) => [...one][0]).slice(0, 2).join("").toUpperCase();
  return h("span.avatar", { "aria-hidden": "true", style: { "--hue": String(hueOf(id)) } }, letters || "?");
}

export function hueOf(text) {
  let hash = 7;
  for (const one of text) hash = (hash * 31 + one.codePointAt(0)) >>> 0;
  return hash % 360;
}

/** Nothing here yet, and what to do about it. */
export function empty(name, title, text, ...actions) {
  return h(".empty", h(".empty-art", icon(name)), h("h2", title), h("p", text),
    actions.some(Boolean) && h(".row", actions));
}

export function skeleton(lines = 4) {
  return h(".skeleton", { "aria-busy": "true", "aria-label": t("loading") },
    Array.from({ length: lines }, () => h(".bone")));
}

/** The head of a screen. */
export function head(title, lead, ...more) {
  return h("header.head", h("h1", title), lead && h("p.lead", lead), more);
}

// -- what is said

export function toast(text, kind = "good", action) {
  const shown = h(".toast", { class: kind }, h("span", text), action);
  document.getElementById("toasts").append(shown);
  setTimeout(() => {
    shown.classList.add("gone");
    setTimeout(() => shown.remove(), 300);
  }, 3_000 + text.length * 60);
}

/** For who hears the page. */
export function announce(text) {
  const place = document.getElementById("said");
  place.textContent = "";
  requestAnimationFrame(() => { place.textContent = text; });
}

// -- dialogs: the browser's own, which keeps the focus inside and gives it back

/** Resolves with the value of the action, or null when it was closed otherwise. */
export function dialog(title, body, actions = [], { kind = "" } = {}) {
  return new Promise((done) => {
    const box = h("dialog.dialog", { class: kind, "aria-labelledby": "dialog-title" });
    const close = (value) => { box.close(); box.remove(); done(value); };
    put(box, [
      h(".dialog-head", h("h2#dialog-title", title), h("button.round", {
        type: "button", "aria-label": t("close"), onclick: () => close(null),
      }, icon("x"))),
      h(".dialog-body", body),
      actions.length > 0 && h(".dialog-actions", actions.map(({ text, value, kind: look = "", deed }) =>
        h("button.button", { type: "button", class: look, onclick: async ({ currentTarget }) => {
          const result = deed ? await busy(currentTarget, deed) : value;
          if (result !== undefined) close(result);
        } }, text))),
    ]);
    box.addEventListener("cancel", (event) => { event.preventDefault(); close(null); });
    box.addEventListener("click", (event) => { if (event.target === box) close(null); });
    document.body.append(box);
    box.showModal();
  });
}

export async function confirm(title, text, yes, { kind = "main" } = {}) {
  const said = await dialog(title, h("p", text), [
    { text: t("cancel"), value: false, kind: "quiet" },
    { text: yes, value: true, kind },
  ]);
  return said === true;
}

export async function copied(text, told) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea.only-heard", { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy"); // a page that came by plain http has no clipboard
    area.remove();
  }
  toast(told);
}

/** Cards as a hand holds them; what is on them is drawn, not told. */
export function fan() {
  return h(".fan", ["a", "b", "c"].map((one) => h(".fan-card", { class: one })), mark());
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
  const knob = (glyph, by, text) => h("button.round.solid", { type: "button", "aria-label": `${label}: ${text}`, onclick: () => move(by) }, glyph);
  const less = knob("−", -step, t("less")), more = knob("+", step, t("more"));
  less.disabled = value <= min;
  more.disabled = value >= max;
  return h(".stepper", { role: "group", "aria-label": label },
    h("span.stepper-label", label, hint && h("small", hint)), h(".stepper-knobs", less, output, more));
}
