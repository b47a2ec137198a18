// @ts-check
/** The account here: what this device is called, how long versions are kept, when it locks by itself. */

import { look, post } from "../base/api.js";
import { h } from "../base/dom.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { copyable } from "../parts/copying.js";
import { form } from "../parts/dialog.js";
import { choice, field } from "../parts/fields.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { attempt, tell } from "../parts/toast.js";

const DAY = 24 * 3600;

/** All of it. */
export function accountSettings() {
  const place = h("div", { class: "stack" });
  void arriving(place, async () => {
    const [set, accounts] = await Promise.all([look("settings"), look("accounts")]);
    return [device(set.device), retention(set.retention), locking(accounts.lock_after)];
  });
  return section(
    t("account.here"),
    h("p", { class: "help" }, t("account.handle")),
    copyable(session.myself().handle),
    place,
  );
}

/** @param {string} name */
function device(name) {
  const called = field(
    t("account.device"),
    { value: name, maxlength: 64, autocomplete: "off" },
    t("account.device_help"),
  );
  return form([called.element], t("editor.save"), async () => {
    await post("settings/change", { device: called.input.value });
    tell(t("settings.saved"));
  });
}

/** @param {{wanted: number | null, kept: number, most: number}} found */
function retention(found) {
  const days = [0, 7, 30, 90, 365].filter((each) => each * DAY <= found.most);
  const options = Object.fromEntries([
    ["-1", t("account.as_node", { count: Math.round(found.most / DAY) })],
    ...days.map((each) => [
      String(each * DAY),
      each ? t("account.days", { count: each }) : t("account.none"),
    ]),
  ]);
  const now = found.wanted === null ? "-1" : String(found.wanted);
  if (!(now in options)) options[now] = t("account.days", { count: Math.round(found.kept / DAY) });
  return choice(t("account.retention"), options, now, (value) =>
    attempt(async () => {
      await post("settings/change", { retention: Number(value) });
      tell(t("settings.saved"));
    }),
  );
}

/** @param {number} seconds */
function locking(seconds) {
  const minutes = [0, 5, 15, 60, 480];
  const options = Object.fromEntries(
    minutes.map((each) => [
      String(each * 60),
      each ? t("account.minutes", { count: each }) : t("account.never"),
    ]),
  );
  const now = String(seconds);
  if (!(now in options)) options[now] = t("account.minutes", { count: Math.round(seconds / 60) });
  return choice(t("account.lock_after"), options, now, (value) =>
    attempt(async () => {
      await post("lock", { after: Number(value) });
      tell(t("settings.saved"));
    }),
  );
}
