// A room's code as it is typed: capitals, without the letters that look like digits; a link is read too.

import { field } from "./fields.js";
import { t } from "./i18n.js";

const LENGTH = 6;

/** The code in whatever was typed or pasted, in the alphabet without I, L, O and U. */
function readCode(text) {
  const last = text.trim().split(/[?#]/)[0].replace(/\/+$/, "").split("/").at(-1);
  return last.toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1").replace(/[^0-9A-HJKMNP-TV-Z]/g, "");
}

export function codeField(value = "") {
  const found = field(t("code.label"), {
    class: "code-input", value, placeholder: "ABC 123".replace(" ", ""), autocomplete: "off", autocapitalize: "characters",
    spellcheck: "false", enterkeyhint: "go", inputmode: "text",
  });
  found.input.addEventListener("input", () => {
    const code = readCode(found.input.value).slice(0, LENGTH);
    if (code !== found.input.value) found.input.value = code;
  });
  return {
    element: found.element,
    input: found.input,
    complain: found.complain,
    get value() { return readCode(found.input.value); },
    get isWhole() { return readCode(found.input.value).length === LENGTH; },
  };
}
