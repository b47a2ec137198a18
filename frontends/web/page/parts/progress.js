// @ts-check
/** How far something is that takes long, as a call tells it. */

import { fill, h } from "../base/dom.js";
import { size } from "../base/look.js";
import { t } from "../base/text.js";

/**
 * A bar and a line, which are seen once there is something to say.
 * @param {string} label
 * @param {Record<string, string>} [steps] what is said of each, where there are several
 */
export function progressLine(label, steps = {}) {
  const bar = h("progress", { max: 1, value: 0, "aria-label": label });
  const said = h("p", { class: "help", role: "status" });
  const element = h("div", { class: "stack", hidden: true }, bar, said);
  const line = (/** @type {string} */ kind, /** @type {any} */ value) => {
    if (kind !== "progress") return;
    const { bytes, total_bytes: total, step } = value;
    element.hidden = false;
    if (bytes && total) bar.value = Math.min(1, bytes / total);
    else bar.removeAttribute("value"); // how much it will be is not known
    const values = { done: size(bytes), total: size(Math.max(bytes, total)) };
    const far = total ? t("progress.of", values) : values.done;
    fill(said, [steps[step], bytes || !steps[step] ? far : ""].filter(Boolean).join(" "));
  };
  return { element, line };
}
