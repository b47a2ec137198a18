// @ts-check
/** The frame of a view: a heading, what can be done here, and the content below. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { toolLink } from "./buttons.js";

/**
 * @param {string} title
 * @param {import("../base/dom.js").Child[]} actions
 * @param {...import("../base/dom.js").Child} content
 */
export function page(title, actions, ...content) {
  return framed(h("h1", {}, title), null, actions, content);
}

/**
 * The same, below another view: with the way back.
 * @param {string} title
 * @param {string} back an address
 * @param {...import("../base/dom.js").Child} content
 */
export function subPage(title, back, ...content) {
  return framed(h("h1", {}, title), toolLink("back", t("back"), back), [], content);
}

/**
 * @param {HTMLElement} title
 * @param {HTMLElement | null} before
 * @param {import("../base/dom.js").Child[]} actions
 * @param {import("../base/dom.js").Child[]} content
 */
function framed(title, before, actions, content) {
  const head = h(
    "header",
    { class: "view-head" },
    before,
    title,
    h("div", { class: "view-actions" }, actions),
  );
  return h("section", { class: "view" }, head, h("div", { class: "view-body" }, content));
}

/**
 * A heading and what belongs to it.
 * @param {string} title
 * @param {...import("../base/dom.js").Child} content
 */
export function section(title, ...content) {
  return h("section", { class: "card" }, h("h2", {}, title), ...content);
}

/**
 * Links between parts of a view, of which one is shown.
 * @param {string} label
 * @param {{to: string, said: string, isShown: boolean}[]} all
 */
export function tabs(label, all) {
  const links = all.map(({ to, said, isShown }) =>
    h("a", { href: to, "aria-current": isShown ? "page" : null }, said),
  );
  const shown = links.find((_, index) => all[index].isShown);
  requestAnimationFrame(() => shown?.scrollIntoView({ block: "nearest", inline: "nearest" }));
  return h("nav", { class: "tabs", "aria-label": label }, links); // on a phone, wider than it
}
