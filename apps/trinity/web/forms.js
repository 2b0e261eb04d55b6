// A form: its fields, what a refusal has to do with which of them, and one deed.

import { why } from "./i18n.js";
import { busy, h } from "./ui.js";

/**
 * `fields` by name; `wrong` says which field a code of the server is about, e.g. `{ EMAIL_TAKEN:
 * "email" }`. The deed gets the values; what it throws is shown where it belongs.
 */
export function form(fields, submit, deed, { wrong = {}, after = [] } = {}) {
  const problem = h("p.problem", { role: "alert", hidden: true });
  const send = h("button.button.main.big.full", { type: "submit" }, h("span", submit));
  const tell = (error) => {
    const field = fields[wrong[error.code]];
    if (field) return field.complain(why(error));
    problem.textContent = why(error);
    problem.hidden = false;
    return undefined;
  };
  const go = async (event) => {
    event.preventDefault();
    problem.hidden = true;
    const values = Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one.value]));
    await busy(send, async () => {
      try {
        await deed(values);
      } catch (error) {
        if (error?.name !== "AbortError") tell(error);
      }
    });
  };
  const element = h("form.stack", { novalidate: true, onsubmit: go },
    Object.values(fields).map((one) => one.element), problem, send, after);
  return element;
}

/** Complains about the first field that is empty or not as its type wants it. */
export function isFilled(fields, texts) {
  for (const [name, text] of Object.entries(texts)) {
    if (!fields[name].input.checkValidity() || !fields[name].value.trim()) {
      fields[name].complain(text);
      return false;
    }
  }
  return true;
}
