// @ts-check
/** Links that others wrote: they lead out of the page, in a tab of their own that knows nothing of this one. */

import { h } from "../base/dom.js";

const SAFE = /^(https?|mailto):/i;

/**
 * Whether a link may lead there: to a page or a mailbox, and nowhere that runs something.
 * @param {string} address
 */
export function mayLeadTo(address) {
  return SAFE.test(address);
}

/**
 * @param {string} address one that a link may lead to
 * @param {...import("../base/dom.js").Child} content
 */
export function outward(address, ...content) {
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...content);
}
