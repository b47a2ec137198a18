// @ts-check
/** Text that people take elsewhere: shown, with a button that copies it. */

import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { t } from "../base/text.js";
import { tell } from "./toast.js";

const LONG = 60;
/** Letters beyond which not all of it may be seen at once on a phone, and arrow keys have to scroll. */

/**
 * @param {string} text
 * @param {{many?: boolean}} [how] `many`: several lines
 */
export function copyable(text, { many = false } = {}) {
  const copy = h(
    "button",
    { type: "button", onclick: () => copyText(text) },
    icon("copy"),
    t("copy_text"),
  );
  const words = h("code", { tabindex: !many && text.length > LONG ? 0 : null }, text);
  return h("div", { class: many ? "copyable many" : "copyable" }, words, copy);
}

/** @param {string} text */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    tell(t("copied"));
  } catch (thrown) {
    if (!(thrown instanceof DOMException)) throw thrown;
    tell(t("not_copied")); // the browser wants it done by hand
  }
}
