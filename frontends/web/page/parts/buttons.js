// @ts-check
/** Buttons that are a picture alone. What they do is said to who cannot see it. */

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
