// @ts-check
/** What stands where there is nothing yet: empty, on its way, gone wrong. */

import { asFailed, isAbort } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { t } from "../base/text.js";

const PATIENCE = 250;
/** Milliseconds before it is said that something is on its way: less than that only flickers. */

/**
 * Nothing is here, and what one can do about it.
 * @param {import("../base/icons.js").IconName} picture
 * @param {string} title
 * @param {string} said
 * @param {...import("../base/dom.js").Child} more
 */
export function empty(picture, title, said, ...more) {
  return h("div", { class: "state" }, icon(picture), h("h2", {}, title), h("p", {}, said), more);
}

/**
 * It went wrong, and the way to try again.
 * @param {import("../base/api.js").Failed} error
 * @param {() => unknown} [again]
 */
export function failed(error, again) {
  return h(
    "div",
    { class: "state", role: "alert" },
    icon("warn"),
    h("h2", {}, t("error.title")),
    h("p", {}, error.said),
    again && h("button", { type: "button", onclick: again }, t("again")),
  );
}

/** What could not be had, beside what could. @param {import("../base/api.js").Failed} problem */
export function notice(problem) {
  return h("p", { class: "notice" }, problem.said);
}

/**
 * Fill a place with what comes; meanwhile, that it is on its way; or why it does not come.
 * @param {HTMLElement} place
 * @param {() => Promise<import("../base/dom.js").Child>} work
 * @returns {Promise<void>}
 */
export async function arriving(place, work) {
  const timer = setTimeout(
    () => fill(place, h("p", { class: "waiting", role: "status" }, t("waiting"))),
    PATIENCE,
  );
  try {
    const found = await work();
    clearTimeout(timer);
    fill(place, found);
  } catch (thrown) {
    clearTimeout(timer);
    if (isAbort(thrown)) return;
    fill(
      place,
      failed(asFailed(thrown), () => arriving(place, work)),
    );
  }
}
