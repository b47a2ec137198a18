// @ts-check
/** Whether strangers who know one's handle find one: a choice, off until it is made. */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";
import { moment } from "../base/look.js";
import { t } from "../base/text.js";
import { tick } from "../parts/fields.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";

/** @typedef {{public: boolean, stored: number, asked: number, time: number}} Published */

/** The choice, and how it stands. */
export function publishingSettings() {
  const place = h("div", { class: "stack" });
  const load = (/** @type {object} */ asked) =>
    arriving(place, async () => chosen(await post("publish", asked), load));
  void load({});
  return section(t("publish.title"), h("p", { class: "soft" }, t("publish.said")), place);
}

/**
 * @param {Published} found
 * @param {(asked: object) => void} load
 */
function chosen(found, load) {
  const made = tick(t("publish.on"), found.public, t("publish.on_help"));
  made.input.addEventListener("change", () => load({ public: made.input.checked }));
  return [made.element, h("p", { class: "help", role: "status" }, standing(found))];
}

/** @param {Published} found */
function standing(found) {
  if (!found.public) return t("publish.is_off");
  if (!found.stored) return t("publish.nowhere");
  return t("publish.kept", { stored: found.stored, asked: found.asked, time: moment(found.time) });
}
