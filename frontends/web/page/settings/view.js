// @ts-check
/** Settings, by subject. */

import { h } from "../base/dom.js";
import { at } from "../base/routes.js";
import { t } from "../base/text.js";
import { page } from "../parts/page.js";
import { profileSettings } from "../people/profile.js";
import { accountSettings } from "./account.js";
import { activity } from "./activity.js";
import { deviceSettings } from "./devices.js";
import { keyboardHelp } from "./keyboard.js";
import { looks } from "./looks.js";
import { nodeHealth } from "./node.js";
import { factorSettings } from "./factors.js";
import { passwordSettings } from "./password.js";
import { recoverySettings } from "./recovery.js";

/** @type {Record<string, (signal: AbortSignal) => HTMLElement[]>} */
const SUBJECTS = {
  account: () => [profileSettings(), accountSettings()],
  security: () => [passwordSettings(), recoverySettings(), factorSettings(), deviceSettings()],
  page: () => [looks(), keyboardHelp()],
  node: () => [nodeHealth()],
  activity: (signal) => [activity(signal)],
};

/**
 * @param {import("../base/routes.js").Place} where
 * @returns {import("../shell/shell.js").View}
 */
export function settingsView(where) {
  const subject = Object.hasOwn(SUBJECTS, where.rest[0] ?? "") ? where.rest[0] : "account";
  const stop = new AbortController();
  const titles = {
    account: t("settings.account"),
    security: t("settings.security"),
    page: t("settings.page"),
    node: t("settings.node"),
    activity: t("settings.activity"),
  };
  const tabs = Object.entries(titles).map(([key, said]) =>
    h(
      "a",
      {
        href: at("settings", [key]),
        "aria-current": key === subject ? "page" : null,
      },
      said,
    ),
  );
  return {
    element: page(
      t("nav.settings"),
      [],
      h("nav", { class: "tabs", "aria-label": t("nav.settings") }, tabs),
      SUBJECTS[subject](stop.signal),
    ),
    title: t("nav.settings"),
    leave: () => stop.abort(),
  };
}
