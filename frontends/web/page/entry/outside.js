// @ts-check
/** Nobody has entered with this browser: how to get a link. */

import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { t } from "../base/text.js";
import { copyable } from "../parts/copying.js";

/**
 * @param {HTMLElement} place
 * @param {string} [why] what was wrong with the link, if there was one
 */
export function outside(place, why) {
  document.title = "Holdfast";
  fill(
    place,
    h(
      "main",
      { class: "entry" },
      h(
        "div",
        { class: "entry-card" },
        icon("lock", "huge"),
        h("h1", {}, t("outside.title")),
        why && h("p", { class: "notice" }, why),
        h("p", {}, t("outside.said")),
        copyable("holdfast web"),
      ),
    ),
  );
}
