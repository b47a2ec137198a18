// @ts-check
/**
 * Coming back by a recovery kit: what is on the paper, what it opens and where, then a new password.
 *
 * Nothing is changed anywhere before the last step.
 */

import { asFailed, look, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { moment } from "../base/look.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { copyable } from "../parts/copying.js";
import { form } from "../parts/dialog.js";
import { field, oneOf, tick } from "../parts/fields.js";
import { newPassword } from "../parts/strength.js";
import { kitFields, triedKit } from "./kit.js";

/** @typedef {{name: string, handle: string, peer: string, time: number, nodes: import("./kit.js").Tried[], wrong_shares: number[]}} Found */

/**
 * The first step: the kit.
 * @param {HTMLElement} card
 * @param {() => void} back
 */
export function restore(card, back) {
  const typed = kitFields(false);
  const asked = form(
    typed.elements,
    t("kit.look"),
    async () => {
      const kit = typed.kit();
      /** @type {Found} */
      const found = await post("recovery/rehearse", kit);
      const { node } = await look("status");
      choose(card, kit, found, node?.peer, back);
    },
    { more: [backButton(back)] },
  );
  fill(card, h("h1", {}, t("kit.title")), h("p", { class: "soft" }, t("kit.said")), asked);
  card.querySelector("textarea")?.focus();
}

/** @param {() => void} back */
function backButton(back) {
  return h("button", { type: "button", class: "plain", onclick: back }, t("back"));
}

/**
 * The second: where to live, and the new password.
 * @param {HTMLElement} card
 * @param {import("./kit.js").Kit} kit
 * @param {Found} found
 * @param {string | undefined} here the peer id of this node
 * @param {() => void} back
 */
function choose(card, kit, found, here, back) {
  const place = placeFields(found, here);
  const secret = newPassword(t("password.next"), () => found.name);
  const name = field(t("kit.name"), { value: found.name, maxlength: 32 }, t("kit.name_help"));
  name.element.hidden = true;
  const anyway = tick(t("kit.as_it_is"), false, t("kit.as_it_is_help"));
  anyway.element.hidden = true;
  const work = async () => {
    await session.held(async () => {
      const done = await post("recovery/restore", {
        ...kit,
        to: place.chosen(),
        password: secret.input.value,
        weak: secret.isWeak(),
        as_it_is: anyway.input.checked,
        ...(name.input.value.trim() !== found.name && { name: name.input.value.trim() }),
      });
      await seen(card, done);
    });
    await session.refresh();
  };
  const offering = async () => {
    try {
      await work();
    } catch (thrown) {
      const { kind } = asFailed(thrown);
      if (kind === "Stale") anyway.element.hidden = false;
      if (kind === "Exists") name.element.hidden = false;
      throw thrown;
    }
  };
  const asked = form(
    [...place.elements, name.element, secret.element, anyway.element],
    t("kit.go"),
    offering,
    { more: [backButton(() => restore(card, back))] },
  );
  fill(card, h("h1", {}, t("kit.found")), triedKit(found), asked);
  secret.input.focus();
}

/**
 * Where the account is to live: here, where the data is, or on somebody else's node.
 * @param {Found} found
 * @param {string | undefined} here
 */
function placeFields(found, here) {
  const invite = field(
    t("signup.at"),
    { autocomplete: "off", spellcheck: "false" },
    t("kit.invite_help"),
  );
  invite.element.hidden = true;
  const has = found.nodes.filter(({ peer, opens }) => opens && peer !== here);
  const way = oneOf(
    t("kit.where"),
    [
      { value: "here", said: t("kit.here"), help: t("kit.here_help") },
      ...has.map(({ peer }) => ({ value: peer, said: t("kit.there", { peer }) })),
      { value: "invite", said: t("signup.elsewhere") },
    ],
    (value) => (invite.element.hidden = value !== "invite"),
  );
  return {
    elements: [way.element, invite.element],
    chosen: () => (way.chosen() === "invite" ? invite.input.value.trim() : way.chosen()),
  };
}

/**
 * Say what came along, until the person has seen it.
 * @param {HTMLElement} card
 * @param {{handle: string, time: number, lacking: number, renewed: boolean, device_secret: string | null, problems: {message: string}[]}} done
 * @returns {Promise<void>}
 */
function seen(card, done) {
  return new Promise((resolve) => {
    const go = h(
      "button",
      { type: "button", class: "primary", onclick: () => resolve() },
      done.device_secret ? t("device.have") : t("go_on"),
    );
    fill(
      card,
      h("h1", {}, t("kit.back", { handle: done.handle })),
      h("p", {}, t("kit.back_said", { time: moment(done.time) })),
      h("p", {}, done.renewed ? t("kit.renewed") : t("kit.not_renewed")),
      done.lacking > 0 && h("p", { class: "notice" }, t("kit.lacking", { count: done.lacking })),
      done.problems.map(({ message }) => h("p", { class: "notice" }, message)),
      done.device_secret && [h("p", {}, t("device.said")), copyable(done.device_secret)],
      h("p", { class: "soft" }, t("kit.stays_good")),
      h("div", { class: "actions" }, go),
    );
    go.focus();
  });
}
