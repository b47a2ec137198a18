// @ts-check
/** Making an account: on this machine's own node, or with an invite on somebody else's. */

import { asFailed, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { copyable } from "../parts/copying.js";
import { form } from "../parts/dialog.js";
import { field, tick } from "../parts/fields.js";
import { newPassword } from "../parts/strength.js";

/**
 * @param {HTMLElement} card
 * @param {() => void} back
 */
export function signUp(card, back) {
  const name = field(
    t("signup.name"),
    {
      name: "username",
      autocomplete: "username",
      autocapitalize: "none",
      spellcheck: "false",
      required: true,
      maxlength: 32,
    },
    t("signup.name_help"),
  );
  name.input.addEventListener(
    "input",
    () => (name.input.value = name.input.value.toLowerCase().replaceAll(" ", "-")),
  );
  const secret = newPassword(t("password"), () => name.input.value);
  const stay = tick(t("signin.stay"), true, t("signin.stay_help"));
  const at = field(
    t("signup.at"),
    { autocomplete: "off", spellcheck: "false" },
    t("signup.at_help"),
  );
  const sent = form(
    [
      name.element,
      secret.element,
      stay.element,
      h("details", {}, h("summary", {}, t("signup.elsewhere")), at.element),
    ],
    t("signup.go"),
    async () => {
      const asked = {
        name: name.input.value.trim(),
        password: secret.input.value,
        weak: secret.isWeak(),
        stay: stay.input.checked,
      };
      await session.held(async () => {
        const done = await make({
          ...asked,
          ...(at.input.value && { at: at.input.value.trim() }),
        });
        if (done.device_secret) await shown(card, done.device_secret);
      });
      await session.refresh();
    },
    {
      more: [h("button", { type: "button", class: "plain", onclick: back }, t("back"))],
    },
  );
  fill(card, h("h1", {}, t("signup.title")), h("p", { class: "soft" }, t("signup.said")), sent);
  name.input.focus();
}

/**
 * Only the first account of a node needs no invite; whoever has this page runs the node, and may
 * invite to it.
 * @param {{name: string, password: string, at?: string}} asked
 */
async function make(asked) {
  try {
    return await post("signup", asked);
  } catch (thrown) {
    if (asFailed(thrown).kind !== "BadInvite" || asked.at) throw thrown;
    const { invite } = await post("invite");
    return post("signup", { ...asked, at: invite });
  }
}

/**
 * Show the words of the device secret, until the person has them.
 * @param {HTMLElement} card
 * @param {string} words
 * @returns {Promise<void>}
 */
function shown(card, words) {
  return new Promise((done) => {
    const go = h(
      "button",
      { type: "button", class: "primary", onclick: () => done() },
      t("device.have"),
    );
    fill(
      card,
      h("h1", {}, t("device.title")),
      h("p", {}, t("device.said")),
      copyable(words),
      h("div", { class: "actions" }, go),
    );
    go.focus();
  });
}
