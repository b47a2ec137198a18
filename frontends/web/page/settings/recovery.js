// @ts-check
/** The recovery kit: words on paper that bring the account back when home or password is lost. */

import { look, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { moment } from "../base/look.js";
import { t } from "../base/text.js";
import { proven } from "../entry/factor.js";
import { kitFields, triedKit } from "../entry/kit.js";
import { copyable } from "../parts/copying.js";
import { askText, dialog, form } from "../parts/dialog.js";
import { section } from "../parts/page.js";
import { printButton } from "../parts/printing.js";
import { qrCode } from "../parts/qr.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";
import { withPassword } from "./password.js";
import { splitKit } from "./shares.js";

/** @typedef {{kit: false} | {kit: true, made: number, checked: number | null, text: string}} Standing */

/** Whether there is one, and ways to make, to check and to split it. */
export function recoverySettings() {
  const place = h("div", { class: "stack" });
  const load = () =>
    arriving(place, async () => {
      /** @type {Standing} */
      const found = await look("recovery");
      return found.kit ? kept(found, load) : none(load);
    });
  void load();
  return section(t("recovery.title"), h("p", { class: "soft" }, t("recovery.said")), place);
}

/** @param {() => void} load */
function none(load) {
  return [
    h("p", { class: "notice" }, t("recovery.none")),
    h("div", { class: "buttons" }, makeButton(t("recovery.make"), load)),
  ];
}

/**
 * @param {{made: number, checked: number | null, text: string}} found
 * @param {() => void} load
 */
function kept({ made, checked, text }, load) {
  const times = [
    t("recovery.made", { time: moment(made) }),
    checked ? t("recovery.checked_on", { time: moment(checked) }) : t("recovery.unchecked"),
  ];
  const button = (/** @type {string} */ said, /** @type {() => unknown} */ go) =>
    h("button", { type: "button", onclick: go }, said);
  return [
    h("p", { class: checked ? "soft" : "notice" }, times.join(" ")),
    h(
      "div",
      { class: "buttons" },
      button(t("recovery.check"), () => check(load)),
      button(t("recovery.rehearse"), rehearse),
      button(t("recovery.split"), splitKit),
      makeButton(t("recovery.another"), load),
    ),
    h(
      "details",
      {},
      h("summary", {}, t("recovery.where")),
      h("p", { class: "help" }, t("recovery.where_said")),
      copyable(text),
    ),
  ];
}

/**
 * @param {string} title
 * @param {() => void} load
 */
function makeButton(title, load) {
  const go = () =>
    withPassword(title, t("recovery.make_said"), async (secret, body) => {
      const kit = await proven(body, await post("recovery/kit", { password: secret }));
      load();
      await show(kit);
    });
  return h("button", { type: "button", onclick: go }, title);
}

/**
 * The words, once; they can be printed or written down.
 * @param {{handle: string, words: string, whole: string}} kit
 */
async function show(kit) {
  const code = await qrCode(kit.whole, t("recovery.qr"));
  dialog(t("recovery.title"), [
    h("p", {}, t("recovery.write_down")),
    h("p", {}, h("strong", {}, kit.handle)),
    copyable(kit.words, { many: true }),
    code,
    h("p", { class: "help" }, t("recovery.whole")),
    copyable(kit.whole),
    h("div", { class: "actions" }, printButton()),
  ]);
}

/** Whether the person has the words still. @param {() => void} load */
function check(load) {
  const how = { label: t("recovery.words"), said: t("recovery.check") };
  askText(t("recovery.check"), how, async (words) => {
    await post("recovery/check", { words });
    load();
    tell(t("recovery.checked"));
  });
}

/** Whether it would work: every node is asked as after a loss, and nothing is changed. */
function rehearse() {
  const typed = kitFields(true);
  const asked = form(typed.elements, t("recovery.rehearse"), async () => {
    const found = await post("recovery/rehearse", typed.kit());
    shown.close();
    dialog(t("recovery.works"), [triedKit(found), h("p", {}, icon("check"), t("recovery.as_is"))]);
  });
  const shown = dialog(t("recovery.rehearse"), [
    h("p", { class: "soft" }, t("recovery.rehearse_said")),
    asked,
  ]);
}
