// @ts-check
/** A line at the bottom that says what was done, with a way back; it leaves by itself. */

import { asFailed, isAbort } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { t } from "../base/text.js";
import { iconButton } from "./buttons.js";
import { giveBack } from "./focus.js";

const STAYS = 7_000;
const STAYS_BAD = 14_000;

const place = h("div", {
  class: "toasts",
  role: "status",
  "aria-live": "polite",
});
const settle = () => {
  const over = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  if (place.parentNode !== over) over.append(place); // beside a dialog nothing can be pressed
};
settle();
document.addEventListener("close", settle, true); // before the dialog is taken away, and it too

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

/** The last thing that can be undone, also when its line has left. @type {Way | null} */
let last = null;
/** @type {WeakMap<Way, HTMLElement>} */
const ways = new WeakMap();

/**
 * @param {() => Promise<unknown>} undo
 * @returns {Way}
 */
export function undoing(undo) {
  /** @type {Way} */
  const way = {
    said: t("undo"),
    go: () => {
      if (last === way) last = null;
      return attempt(undo);
    },
  };
  last = way;
  return way;
}

/**
 * Undo the last thing that can be, as Ctrl+Z does.
 * @returns {boolean} whether there was one
 */
export function undoLast() {
  if (!last) return false;
  const way = last;
  ways.get(way)?.remove();
  way.go();
  return true;
}

/**
 * @param {string} said
 * @param {"done" | "bad"} kind
 * @param {number} stays
 * @param {Way} [way]
 */
function show(said, kind, stays, way) {
  const line = h("div", { class: `toast ${kind}` });
  /** @type {Element | null} where the focus was before it came here */
  let before = null;
  const gone = () => {
    const hadFocus = line.contains(document.activeElement);
    line.remove();
    if (hadFocus) giveBack(before);
  };
  let timer = setTimeout(gone, stays);
  const stay = () => clearTimeout(timer);
  const leaveSoon = () => {
    stay();
    timer = setTimeout(gone, stays);
  };
  fill(
    line,
    icon(kind === "bad" ? "warn" : "check"),
    h("p", {}, said),
    way &&
      h("button", { type: "button", class: "plain", onclick: () => (gone(), way.go()) }, way.said),
    iconButton("close", t("close"), { onclick: gone }),
  );
  if (way) ways.set(way, line);
  line.addEventListener("pointerenter", stay);
  line.addEventListener("pointerleave", leaveSoon);
  line.addEventListener("focusin", ({ relatedTarget }) => {
    if (!line.contains(/** @type {Node | null} */ (relatedTarget)))
      before = /** @type {Element | null} */ (relatedTarget);
    stay();
  });
  line.addEventListener("focusout", leaveSoon);
  settle();
  place.append(line);
  while (place.children.length > 3) place.firstElementChild?.remove();
}
