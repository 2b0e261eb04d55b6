// How others get in: a code to read out, a link to send, a picture to look at.

import { t } from "./i18n.js";
import { qr } from "./qr.js";
import { button, confirm, copied, dialog, fill, h, icon, s, toast } from "./ui.js";

const QUIET = 4; // modules of nothing around it, as readers want it

export function linkOf(room) {
  return new URL(room.link, location.origin).href;
}

/** A QR code of a text, dark on light whatever the theme: readers expect it so. */
export function qrCode(text, label) {
  const { size, path } = qr(text);
  const side = size + 2 * QUIET;
  return s("svg.qr", { viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges" },
    s("rect", { width: side, height: side, fill: "#fff" }),
    s("path", { d: path, fill: "#14101c", transform: `translate(${QUIET} ${QUIET})` }));
}

/** The card of the lobby; `show(room)` keeps it. */
export function invitation(ctx, live) {
  const element = h("section.card.invite", { "aria-labelledby": "invite" });
  let shown = "";
  return { element, show(room) {
    if (room.code === shown) return;
    shown = room.code;
    fill(element, pieces(ctx, live, room));
  } };
}

function pieces(ctx, live, room) {
  const link = linkOf(room);
  return [
    h(".invite-words",
      h("h2#invite", t("invite.title")),
      h("p.muted.small", t("invite.text")),
      h("button.code", { type: "button", "aria-label": t("invite.copy_code", { code: [...room.code].join(" ") }),
        onclick: () => copied(room.code, t("invite.copied_code")) },
        h("span", { "aria-hidden": "true" }, [...room.code].map((one) => h("b", one))), icon("copy")),
      h(".row.invite-row",
        button(t("invite.share"), () => share(room, link), { kind: "main", icon: "share" }),
        button(t("invite.copy"), () => copied(link, t("invite.copied"))),
        h("button.button.invite-qr-button", { type: "button", "aria-haspopup": "dialog", onclick: () => big(room, link) },
          h("span", "QR"))),
      room.is_host && h("button.text-button", { type: "button", onclick: () => renew(ctx, live) }, icon("refresh"), t("invite.renew"))),
    h(".invite-qr", qrCode(link, t("invite.qr", { link }))),
  ];
}

async function share(room, link) {
  if (!navigator.share) return copied(link, t("invite.copied"));
  try {
    await navigator.share({ title: room.name, text: t("invite.message", { name: room.name }), url: link });
  } catch (error) {
    if (error.name !== "AbortError") await copied(link, t("invite.copied"));
  }
  return undefined;
}

function big(room, link) {
  return dialog(room.name, h(".qr-big", qrCode(link, t("invite.qr", { link })), h("p.code-plain", room.code), h("p.muted.small", link)));
}

async function renew(ctx, live) {
  if (!(await confirm(t("invite.renew"), t("invite.renew_text"), t("invite.renew_yes")))) return;
  try {
    await ctx.api.post(`/rooms/${live.id}/code`);
    await live.refresh();
    toast(t("invite.renewed"));
  } catch {
    toast(t("error.UNKNOWN"), "bad");
  }
}
