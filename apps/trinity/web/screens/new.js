// A new room in four steps: what, which of it, how it is agreed, and its name.

import { t } from "../i18n.js";
import { announce, busy, fill, h, icon } from "../ui.js";
import { KINDS, kindStep, nameStep, ruleStep, whichStep } from "../wizard.js";

const STEPS = [kindStep, whichStep, ruleStep, nameStep];

export default async function wizard(ctx) {
  const asked = ctx.query.get("kind"); // on the first screen: then it needs no asking here
  const isKnown = KINDS.some(([kind]) => kind === asked);
  const draft = {
    kind: isKnown ? asked : "movie", genres: [], text: "", options: [], titles: 50, capacity: 10, name: "",
    rules: {
      strategy: "unanimous", share: 60, count: 2, wanted: 1, starts: "host", late: false, order: "own", supers: 1,
      vetoes: 0, minutes: null,
    },
  };
  if (ctx.me.is_guest) return ctx.go("/register?next=/new", { replace: true });
  let at = 0, step;
  const place = h(".wizard-step");
  const dots = h("ol.dots", { "aria-hidden": "true" }, STEPS.map(() => h("li")));
  const where = h("p.kicker");
  const back = h("button.button.quiet", { type: "button", onclick: () => (at ? show(at - 1) : ctx.go("/")) },
    icon("back"), h("span", t("back")));
  const next = h("button.button.main.big", { type: "submit" }, h("span"));
  const element = h("form.screen.wizard", { novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    busy(next, onward);
  } }, h("header.head", h(".row.apart", where, dots)), place, h(".wizard-bar", back, next));

  async function onward() {
    if (step.isReady && !(await step.isReady())) return;
    if (at < STEPS.length - 1) await show(at + 1);
    else await open(ctx, draft);
  }

  async function show(to, { isFirst = false } = {}) {
    at = to;
    step = await STEPS[at](draft, ctx);
    where.textContent = t("new.step", { n: at + 1, of: STEPS.length });
    [...dots.children].forEach((dot, i) => dot.classList.toggle("done", i <= at));
    next.firstChild.textContent = t(at === STEPS.length - 1 ? "new.create" : "next");
    fill(place, h("h1", { tabindex: "-1" }, step.title), step.lead && h("p.lead", step.lead), step.element);
    if (isFirst) return;
    place.firstChild.focus({ preventScroll: true });
    scrollTo(0, 0);
    announce(`${where.textContent}: ${step.title}`);
  }

  await show(isKnown ? 1 : 0, { isFirst: true });
  return element;
}

async function open(ctx, draft) {
  const { kind, name, genres, capacity, titles, rules, options } = draft;
  const isList = kind === "list";
  const room = await ctx.api.post("/rooms", {
    name: name.trim() || t(`new.name_${kind}`), kind, capacity, rules,
    ...(isList ? { options } : { genres, titles }),
  });
  ctx.go(`/rooms/${room.id}`, { replace: true });
}
