// How long something is still open: a number that runs down, and is said aloud only near its end.

import { now } from "./clock.js";
import { t } from "./i18n.js";
import { atEnd } from "./leaving.js";
import { announce, fill, h, icon } from "./ui.js";

const SOON_S = 60;
const SAID_S = [300, 60, 10];

/** `endsAt()` gives a moment, or nothing while there is none; it is looked at each second until `signal` ends. */
export function countdown(endsAt, signal) {
  const time = h("span.numbers");
  const element = h("p.pill.countdown", { role: "timer", "aria-label": t("time.left"), hidden: true }, icon("clock"), time);
  let before = Infinity;
  const show = () => {
    const end = endsAt();
    element.hidden = !end;
    if (!end) return;
    const left = Math.max(0, Math.ceil((new Date(end) - now()) / 1000));
    fill(time, shown(left));
    element.classList.toggle("soon", left <= SOON_S);
    const passed = SAID_S.find((one) => left <= one && one < before);
    if (passed && before !== Infinity) announce(t("time.still", { n: passed }));
    before = left;
  };
  show();
  const ticks = setInterval(show, 1000);
  atEnd(signal, () => clearInterval(ticks));
  return element;
}

/** "4:05", or with hours "1:04:05". */
function shown(seconds) {
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
