// @ts-check
/** A person as a round spot: their first letter, in a colour that is always theirs. */

import { h } from "../base/dom.js";

const HUES = 12;

/**
 * @param {string} name
 * @param {{large?: boolean, circle?: boolean}} [how]
 */
export function avatar(name, { large = false, circle = false } = {}) {
  const letter = [...name][0]?.toLocaleUpperCase() ?? "?";
  const kind = ["avatar", large && "large", circle && "square", `hue-${hue(name)}`]
    .filter(Boolean)
    .join(" ");
  return h("span", { class: kind, "aria-hidden": "true" }, letter);
}

/** @param {string} name */
function hue(name) {
  let sum = 0;
  for (const each of name) sum = (sum * 31 + (each.codePointAt(0) ?? 0)) % 65_521;
  return sum % HUES;
}
