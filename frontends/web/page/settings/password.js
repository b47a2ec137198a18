// @ts-check
/** The password, and the device secret that goes with it. */

import { look, post } from "../base/api.js";
import { h } from "../base/dom.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { proven } from "../entry/factor.js";
import { copyable } from "../parts/copying.js";
import { dialog, form } from "../parts/dialog.js";
import { password } from "../parts/fields.js";
import { section } from "../parts/page.js";
import { newPassword } from "../parts/strength.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";

/** Both. */
export function passwordSettings() {
  const place = h("div", { class: "stack" });
  const load = () => arriving(place, async () => deviceSecret(await words(), load));
  void load();
  return section(
    t("password"),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: change }, t("password.change")),
    ),
    h("h3", {}, t("device.name")),
    place,
  );
}

/** Another password. */
function change() {
  const old = password(t("password.now"), "current-password");
  const next = newPassword(t("password.next"), () => session.myself().name);
  const asked = form([old.element, next.element], t("password.change"), async () => {
    const done = await post("passwd", {
      old: old.input.value,
      new: next.input.value,
      weak: next.isWeak(),
    });
    await proven(shown.body, done);
    shown.close();
    tell(t("password.changed"));
  });
  const shown = dialog(t("password.change"), [asked]);
  old.input.focus();
}

/** @returns {Promise<string | null>} the words, if there is one */
async function words() {
  const { device_secret } = await look("settings");
  return device_secret ? (await look("device-secret")).words : null;
}

/**
 * @param {string | null} words
 * @param {() => void} load
 */
function deviceSecret(words, load) {
  const act = (/** @type {"on" | "off"} */ way) => () =>
    withPassword(
      words ? t("device.off") : t("device.on"),
      way === "on" ? t("device.on_said") : t("device.off_said"),
      async (secret, body) => {
        await proven(body, await post(`device-secret/${way}`, { password: secret }));
        load();
      },
    );
  const help = h("p", { class: "soft" }, words ? t("device.is_on") : t("device.is_off"));
  const button = h(
    "button",
    { type: "button", onclick: act(words ? "off" : "on") },
    words ? t("device.off") : t("device.on"),
  );
  return [
    help,
    words && h("details", {}, h("summary", {}, t("device.show")), copyable(words)),
    h("div", { class: "buttons" }, button),
  ];
}

/**
 * Do what only one who knows the password may do.
 * @param {string} title
 * @param {string} said
 * @param {(secret: string, body: HTMLElement) => Promise<unknown>} work
 * @param {import("../base/dom.js").Child[]} [more] fields
 */
export function withPassword(title, said, work, more = []) {
  const secret = password(t("password"), "current-password");
  const asked = form(
    [said && h("p", { class: "soft" }, said), more, secret.element].flat(),
    t("go_on"),
    async () => {
      await work(secret.input.value, shown.body);
      shown.close();
    },
  );
  const shown = dialog(title, [asked]);
  secret.input.focus();
  return shown;
}
