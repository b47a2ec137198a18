// @ts-check
/** Buttons, and links like them, that are a picture alone. What they do is said to who cannot see it. */

import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";

/**
 * @param {import("../base/icons.js").IconName} picture
 * @param {string} label
 * @param {Record<string, any>} [props]
 */
export function iconButton(picture, label, props = {}) {
  return h(
    "button",
    { type: "button", class: "icon-only", "aria-label": label, ...props },
    icon(picture),
  );
}

/**
 * One whose label is seen when a mouse rests on it.
 * @param {import("../base/icons.js").IconName} picture
 * @param {string} label
 * @param {() => unknown} go
 */
export function toolButton(picture, label, go) {
  return iconButton(picture, label, { title: label, onclick: go });
}

/**
 * A link that looks like one.
 * @param {import("../base/icons.js").IconName} picture
 * @param {string} label
 * @param {string} to an address
 * @param {string} [seen] what is seen when a mouse rests on it
 */
export function toolLink(picture, label, to, seen = label) {
  const props = { class: "button icon-only", href: to, "aria-label": label, title: seen };
  return h("a", props, icon(picture));
}
