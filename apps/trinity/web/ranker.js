// Things in an order of one's own: dragged by finger or mouse, or moved by the arrow keys.

import { t } from "./i18n.js";
import { announce, h, icon } from "./ui.js";

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** `items` are `{ id, text, art? }`; `order()` gives their ids, the dearest first. */
export function ranker(items, changed = () => {}) {
  const list = h("ol.ranker", { "aria-label": t("rank.how") });
  for (const one of items) list.append(row(list, one, changed));
  return { element: list, order: () => [...list.children].map((one) => one.dataset.id) };
}

function row(list, { id, text, art }, changed) {
  const element = h("li.rank", {
    tabindex: "0", dataset: { id }, "aria-roledescription": t("rank.movable"),
    onkeydown: (event) => byKey(list, element, event, text, changed),
    onpointerdown: (event) => drag(list, element, event, changed),
  }, h("span.rank-no", { "aria-hidden": "true" }), art && h("span.rank-art", { "aria-hidden": "true" }, art), h("span.rank-text", text),
  h("span.rank-grip", { "aria-hidden": "true" }, icon("grip")));
  return element;
}

function byKey(list, element, event, text, changed) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const at = [...list.children].indexOf(element) + step;
  if (at < 0 || at >= list.children.length) return;
  gliding(list, element, () => (step < 0 ? element.previousElementSibling.before(element)
    : element.nextElementSibling.after(element)), true);
  element.focus();
  announce(t("rank.at", { name: text, n: at + 1, of: list.children.length }));
  changed();
}

function drag(list, element, event, changed) {
  if (!event.isPrimary || event.button) return;
  let from = event.clientY, isMoved = false;
  element.setPointerCapture(event.pointerId);
  const move = ({ clientY }) => {
    isMoved ||= Math.abs(clientY - from) > 4;
    if (!isMoved) return;
    element.classList.add("dragged");
    const moved = clientY - from;
    const { previousElementSibling: above, nextElementSibling: below } = element;
    const step = moved < 0 ? above : below;
    if (step && Math.abs(moved) > step.offsetHeight * 0.6) {
      const before = element.offsetTop;
      gliding(list, element, () => (moved < 0 ? step.before(element) : step.after(element)));
      from += element.offsetTop - before;
      if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
      changed();
    }
    element.style.transform = `translateY(${clientY - from}px)`;
  };
  const end = () => {
    element.removeEventListener("pointermove", move);
    element.classList.remove("dragged");
    element.style.removeProperty("transform");
  };
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", end, { once: true });
  element.addEventListener("pointercancel", end, { once: true });
}

/** The others slide to where they are now. */
function gliding(list, moved, deed, isItself = false) {
  const others = [...list.children].filter((one) => isItself || one !== moved);
  const before = new Map(others.map((one) => [one, one.offsetTop]));
  deed();
  for (const [one, top] of before)
    if (one.offsetTop !== top && !isCalm())
      one.animate([{ transform: `translateY(${top - one.offsetTop}px)` }, { transform: "none" }],
        { duration: 180, easing: "ease-out" });
}
