// @ts-check
/** An entry as a line that leads to it: what a search found, what was shared. */

import { h } from "../base/dom.js";
import { plainName } from "../base/look.js";
import { youMay } from "../sharing/may.js";
import { address } from "./opening.js";
import { sign } from "./pictures.js";

/**
 * @param {import("./entries.js").Entry} entry
 * @param {string} said of it
 * @param {HTMLElement} [before] what it looks like
 */
export function linked(entry, said, before = sign(entry)) {
  return h(
    "a",
    { class: "person-row", href: address(entry) },
    before,
    h(
      "span",
      { class: "grow" },
      h("bdi", { class: "name" }, plainName(entry.name)),
      h("span", { class: "soft" }, said),
    ),
  );
}

/**
 * What somebody shares with me, and what I may do with it.
 * @param {any} share
 */
export function sharedWithMe(share) {
  return h("li", {}, linked(share, youMay(share)));
}
