// What stands around a screen: the bar above, and on phones the tabs below.

import { api } from "./api.js";
import { t } from "./i18n.js";
import { session } from "./store.js";
import { avatar, fill, h, icon, link, mark } from "./ui.js";

const PLACES = [
  ["/", "home", "nav.home"],
  ["/matches", "library", "nav.matches"],
  ["/notifications", "bell", "nav.notices"],
  ["/me", "user", "nav.me"],
];
let unread = 0;

export function chrome({ bare = false, alone = false, inside = false }, path) {
  const me = session.get();
  document.body.classList.toggle("bare", bare);
  document.body.classList.toggle("alone", alone);
  document.body.classList.toggle("inside", inside);
  const bar = document.getElementById("bar");
  const tabs = document.getElementById("tabs");
  if (alone) return void (fill(bar), fill(tabs));
  fill(bar, h("header.bar",
    h("a.brand", { href: "/", "aria-label": "Trinity" }, mark(), h("span", "Trinity")),
    me && h("nav.places", { "aria-label": t("nav.main") }, PLACES.slice(0, 3).map((one) => place(one, path))),
    h(".bar-end", me ? person(me) : [
      path !== "/login" && link(t("login"), "/login", { kind: "quiet" }),
    ])));
  fill(tabs, me && !bare && h("nav.tabs", { "aria-label": t("nav.main") }, PLACES.map((one) => place(one, path))));
  if (me && !bare) countUnread();
  return undefined;
}

function place([href, glyph, key], path) {
  const isHere = href === path || (href === "/matches" && path === "/history");
  const count = href === "/notifications" && h("span.badge", { hidden: unread === 0 }, unread);
  return h("a.place", { href, "aria-current": isHere ? "page" : null }, h("span.glyph", icon(glyph), count), h("span", t(key)));
}

function person(me) {
  return h("a.person", { href: "/me", "aria-label": t("nav.you", { name: me.name }) },
    avatar(me.name, me.id), h("span", me.name));
}

/** Shown when it is known; a bar does not wait for it, nor complain. */
async function countUnread() {
  try {
    told((await api.get("/notifications?limit=1")).unread);
  } catch {
    told(0);
  }
}

/** A number, or what makes one of the last. */
export function told(count) {
  unread = typeof count === "function" ? count(unread) : count;
  for (const badge of document.querySelectorAll(".badge")) {
    badge.textContent = unread > 99 ? "99+" : String(unread);
    badge.hidden = unread === 0;
  }
}
