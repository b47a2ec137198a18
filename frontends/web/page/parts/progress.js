// @ts-check
/** How far something is that takes long, as a call tells it. */

import { fill, h } from "../base/dom.js";
import { size } from "../base/look.js";
import { t } from "../base/text.js";

/**
 * A bar and a line, which are seen once there is something to say.
 * @param {string} label
 */
export function progressLine(label) {
  const bar = h("progress", { max: 1, value: 0, "aria-label": label });
  const said = h("p", { class: "help", role: "status" });
  const element = h("div", { class: "stack", hidden: true }, bar, said);
  const line = (/** @type {string} */ kind, /** @type {any} */ value) => {
    if (kind !== "progress") return;
    const { bytes, total_bytes: total } = value;
    element.hidden = false;
    if (total) bar.value = Math.min(1, bytes / total);
    else bar.removeAttribute("value"); // how much it will be is not known
    const values = { done: size(bytes), total: size(Math.max(bytes, total)) };
    fill(said, total ? t("progress.of", values) : values.done);
  };
  return { element, line };
}
