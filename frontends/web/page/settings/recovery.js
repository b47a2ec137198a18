// @ts-check
/** The recovery kit: words on paper that bring the account back when home or password is lost. */

import { look, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { moment } from "../base/look.js";
import { t } from "../base/text.js";
import { proven } from "../entry/factor.js";
import { copyable } from "../parts/copying.js";
import { askText, dialog } from "../parts/dialog.js";
import { section } from "../parts/page.js";
import { qrCode } from "../parts/qr.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";
import { withPassword } from "./password.js";

/** Whether there is one, and ways to make and to check it. */
export function recoverySettings() {
  const place = h("div", { class: "stack" });
  const load = () =>
    arriving(place, async () => {
      /** @type {{kit: boolean, made?: number}} */
      const found = await look("recovery");
      const said = found.made ? t("recovery.made", { time: moment(found.made) }) : t("recovery.is");
      const make = found.kit ? t("recovery.another") : t("recovery.make");
      return [
        h("p", { class: found.kit ? "soft" : "notice" }, found.kit ? said : t("recovery.none")),
        h(
          "div",
          { class: "buttons" },
          h("button", { type: "button", onclick: () => makeKit(make, load) }, make),
          found.kit && h("button", { type: "button", onclick: check }, t("recovery.check")),
        ),
      ];
    });
  void load();
  return section(t("recovery.title"), h("p", { class: "soft" }, t("recovery.said")), place);
}

/**
 * @param {string} title
 * @param {() => void} load
 */
function makeKit(title, load) {
  withPassword(title, t("recovery.make_said"), async (secret, body) => {
    const kit = await proven(body, await post("recovery/kit", { password: secret }));
    load();
    await show(kit);
  });
}

/**
 * The words, once; they can be printed or written down.
 * @param {{handle: string, words: string, whole: string}} kit
 */
async function show(kit) {
  const code = await qrCode(kit.whole, t("recovery.qr"));
  const print = h("button", { type: "button", onclick: () => window.print() }, t("recovery.print"));
  dialog(t("recovery.title"), [
    h("p", {}, t("recovery.write_down")),
    h("p", {}, h("strong", {}, kit.handle)),
    copyable(kit.words, { many: true }),
    code,
    h("p", { class: "help" }, t("recovery.whole")),
    copyable(kit.whole),
    h("div", { class: "actions" }, print),
  ]);
}

/** Whether the person has the words still. */
function check() {
  const how = { label: t("recovery.words"), said: t("recovery.check") };
  askText(t("recovery.check"), how, async (words) => {
    await post("recovery/check", { words });
    tell(t("recovery.checked"));
  });
}
