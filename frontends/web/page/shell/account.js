// @ts-check
/** Whose page it is: other accounts, locking, signing out. */

import { leave } from "../base/api.js";
import { at, go } from "../base/routes.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { outside } from "../entry/outside.js";
import { avatar } from "../parts/avatar.js";
import { menuButton } from "../parts/menu.js";
import { attempt } from "../parts/toast.js";

/** @param {HTMLElement} place where other screens go */
export function accountButton(place) {
  const me = session.myself();
  return menuButton([avatar(me.name)], () => items(place), {
    class: "icon-only round",
    "aria-label": t("account.of", { name: me.name }),
    title: me.handle,
  });
}

/**
 * @param {HTMLElement} place
 * @returns {import("../parts/menu.js").Item[]}
 */
function items(place) {
  const welcome = async (/** @type {"in" | "up"} */ first) => {
    const entry = await import("../entry/welcome.js");
    entry.welcome(place, first, () => location.reload());
  };
  const accounts = session.known().map((each) => ({
    said: each.name,
    chosen: each.current,
    go: () => (each.signed_in ? attempt(() => session.switchTo(each.handle)) : welcome("in")),
  }));
  return [
    ...accounts,
    { said: t("account.add"), icon: "plus", go: () => welcome("up") },
    { said: t("signin.other"), icon: "people", go: () => welcome("in") },
    {
      said: t("nav.settings"),
      icon: "settings",
      apart: true,
      go: () => go(at("settings")),
    },
    { said: t("account.lock"), icon: "lock", go: () => attempt(session.lock) },
    { said: t("account.out"), icon: "out", go: () => attempt(session.signOut) },
    {
      said: t("account.leave"),
      icon: "close",
      go: () => attempt(async () => (await leave(), outside(place))),
    },
  ];
}
