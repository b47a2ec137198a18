// @ts-check
/** A line at the bottom that says what was done, with a way back; it leaves by itself. */

import { asFailed, isAbort } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { t } from "../base/text.js";
import { iconButton } from "./buttons.js";

const STAYS = 7_000;
const STAYS_BAD = 14_000;

const place = h("div", {
  class: "toasts",
  role: "status",
  "aria-live": "polite",
});
document.body.append(place);

/**
 * @typedef {object} Way
 * @property {string} said on the button
 * @property {() => unknown} go
 */

/**
 * Say that something was done.
 * @param {string} said
 * @param {Way} [way] what can be done about it: most often, to undo it
 */
export function tell(said, way) {
  show(said, "done", STAYS, way);
}

/**
 * Say that something went wrong, in the daemon's words. A person's own stop is not told.
 * @param {unknown} thrown
 */
function tellError(thrown) {
  if (isAbort(thrown)) return;
  show(asFailed(thrown).said, "bad", STAYS_BAD);
}

/**
 * Do it; what goes wrong is told.
 * @param {() => Promise<unknown>} work
 * @returns {Promise<boolean>} whether it was done
 */
export async function attempt(work) {
  try {
    await work();
    return true;
  } catch (thrown) {
    tellError(thrown);
    return false;
  }
}

/**
 * @param {() => Promise<unknown>} undo
 * @returns {Way}
 */
export function undoing(undo) {
  return { said: t("undo"), go: () => attempt(undo) };
}

/**
 * @param {string} said
 * @param {"done" | "bad"} kind
 * @param {number} stays
 * @param {Way} [way]
 */
function show(said, kind, stays, way) {
  const line = h("div", { class: `toast ${kind}` });
  const gone = () => line.remove();
  let timer = setTimeout(gone, stays);
  fill(
    line,
    icon(kind === "bad" ? "warn" : "check"),
    h("p", {}, said),
    way &&
      h("button", { type: "button", class: "plain", onclick: () => (gone(), way.go()) }, way.said),
    iconButton("close", t("close"), { onclick: gone }),
  );
  line.addEventListener("pointerenter", () => clearTimeout(timer));
  line.addEventListener("pointerleave", () => (timer = setTimeout(gone, stays)));
  place.append(line);
  while (place.children.length > 3) place.firstElementChild?.remove();
}
