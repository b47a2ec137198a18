// @ts-check
/** Settings, by subject. */

import { at } from "../base/routes.js";
import { runsNode } from "../base/session.js";
import { t } from "../base/text.js";
import { page, tabs } from "../parts/page.js";
import { profileSettings } from "../people/profile.js";
import { running } from "../running/all.js";
import { accountSettings } from "./account.js";
import { activity } from "./activity.js";
import { deviceSettings } from "./devices.js";
import { exportSettings } from "./exporting.js";
import { identitySettings } from "./identity.js";
import { keeperSettings } from "./keepers.js";
import { keepingSettings } from "./keeping.js";
import { keyboardHelp } from "./keyboard.js";
import { looks } from "./looks.js";
import { nodeHealth } from "./node.js";
import { factorSettings } from "./factors.js";
import { leavingSettings } from "./leaving.js";
import { passwordSettings } from "./password.js";
import { homeLetters } from "./home.js";
import { movingSettings } from "./moving.js";
import { publishingSettings } from "./publishing.js";
import { recoverySettings } from "./recovery.js";
import { replicaSettings } from "./replicas.js";
import { snapshotSettings } from "./snapshots.js";

/** @type {Record<string, (signal: AbortSignal) => HTMLElement[]>} */
const SUBJECTS = {
  account: () => [
    profileSettings(),
    accountSettings(),
    publishingSettings(),
    movingSettings(),
    exportSettings(),
    leavingSettings(),
  ],
  security: () => [
    passwordSettings(),
    recoverySettings(),
    keeperSettings(),
    keepingSettings(),
    factorSettings(),
    deviceSettings(),
    identitySettings(),
  ],
  page: () => [looks(), keyboardHelp()],
  node: () => [nodeHealth(), replicaSettings(), homeLetters()],
  running,
  activity: (signal) => [snapshotSettings(), activity(signal)],
};

/**
 * @param {import("../base/routes.js").Place} where
 * @returns {import("../shell/shell.js").View}
 */
export function settingsView(where) {
  const asked = where.rest[0] ?? "";
  const isShown = Object.hasOwn(SUBJECTS, asked) && (asked !== "running" || runsNode());
  const subject = isShown ? asked : "account";
  const stop = new AbortController();
  const titles = {
    account: t("settings.account"),
    security: t("settings.security"),
    page: t("settings.page"),
    node: t("settings.node"),
    ...(runsNode() && { running: t("settings.running") }),
    activity: t("settings.activity"),
  };
  const ways = Object.entries(titles).map(([key, said]) => ({
    to: at("settings", [key]),
    said,
    isShown: key === subject,
  }));
  return {
    element: page(
      t("nav.settings"),
      [],
      tabs(t("nav.settings"), ways),
      SUBJECTS[subject](stop.signal),
    ),
    title: t("nav.settings"),
    leave: () => stop.abort(),
  };
}
