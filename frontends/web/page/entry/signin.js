// @ts-check
/** Signing in, and unlocking: a name, a password, and what else the account asks for. */

import { post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { form } from "../parts/dialog.js";
import { field, password, tick } from "../parts/fields.js";
import { proven } from "./factor.js";

/**
 * @param {HTMLElement} card
 * @param {string} name of the account, if it is known
 * @param {() => void} back
 */
export function signIn(card, name, back) {
  const who = field(
    t("signin.name"),
    {
      name: "username",
      autocomplete: "username",
      autocapitalize: "none",
      spellcheck: "false",
      value: name,
      required: true,
    },
    t("signin.name_help"),
  );
  const secret = password(t("password"), "current-password");
  const stay = tick(t("signin.stay"), false, t("signin.stay_help"));
  const at = field(
    t("signin.at"),
    { autocomplete: "off", spellcheck: "false" },
    t("signin.at_help"),
  );
  const words = field(
    t("signin.device"),
    { autocomplete: "off", spellcheck: "false" },
    t("signin.device_help"),
  );
  const rest = h("details", {}, h("summary", {}, t("signin.more")), at.element, words.element);
  const sent = form(
    [h("div", { hidden: Boolean(name) }, who.element), secret.element, stay.element, rest],
    name ? t("unlock") : t("signin.go"),
    async () => {
      const asked = {
        name: who.input.value.trim(),
        password: secret.input.value,
        stay: stay.input.checked,
      };
      const more = {
        ...(at.input.value && { at: at.input.value.trim() }),
        ...(words.input.value && { device_secret: words.input.value.trim() }),
      };
      rest.open = true; // what may be lacking, should this fail
      await proven(card, await post("login", { ...asked, ...more }));
      await session.refresh();
    },
    {
      more: [h("button", { type: "button", class: "plain", onclick: back }, t("back"))],
    },
  );
  fill(card, h("h1", {}, name ? t("signin.hello", { name }) : t("signin.title")), sent);
  (name ? secret : who).input.focus();
}
