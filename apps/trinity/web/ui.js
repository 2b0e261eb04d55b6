// Elements, and the few pieces all screens share. Styles are classes: the page's policy allows no
// style attribute, so what must be computed is set through the CSSOM.

import { icon, mark } from "./icons.js";
import { t, why } from "./i18n.js";

export { icon, mark };

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

function put(element, children) {
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

/** Initials on a colour of one's own. */
export function avatar(name, id = name) {
  const letters = name.trim().split(/\s+/).map((one) => [...one][0]).slice(0, 2).join("").toUpperCase();
  return h("span.avatar", { "aria-hidden": "true", style: { "--hue": String(hueOf(id)) } }, letters || "?");
}

function hueOf(text) {
  let hash = 7;
  for (const one of text) hash = (hash * 31 + one.codePointAt(0)) >>> 0;
  return hash % 360;
}

/** Nothing here yet, and what to do about it. */
export function empty(name, title, text, ...actions) {
  return nothing("h2", name, title, text, actions);
}

/** The same, when it is the whole screen. */
export function blank(name, title, text, ...actions) {
  return h(".screen", nothing("h1", name, title, text, actions));
}

function nothing(heading, name, title, text, actions) {
  return h(".empty", h(".empty-art", icon(name)), h(heading, title), h("p", text),
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

const TOASTS_MAX = 3;

/** Long enough to be read; one that leads somewhere until it can be reached, and while it is looked at. */
export function toast(text, kind = "good", action = null) {
  const place = document.getElementById("toasts");
  const lasts = (action ? 8_000 : 3_000) + text.length * 60;
  let timer;
  const away = () => {
    shown.classList.add("gone");
    setTimeout(() => shown.remove(), 300);
  };
  const stays = () => clearTimeout(timer);
  const goes = () => { timer = setTimeout(away, lasts); };
  const held = { onpointerenter: stays, onpointerleave: goes, onfocusin: stays, onfocusout: goes };
  const shown = h(".toast", { class: kind, ...(action && held) }, h("span", text), action);
  action?.addEventListener("click", away);
  place.append(shown);
  while (place.childElementCount > TOASTS_MAX) place.firstElementChild.remove();
  goes();
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
