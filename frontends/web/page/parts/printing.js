// @ts-check
/** Printing what a dialog shows: the page behind it is left out (css/base.css). */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";

/** A button that is not printed itself. */
export function printButton() {
  return h("button", { type: "button", onclick: () => window.print() }, t("recovery.print"));
}
