// @ts-check
/** One entry as a row of a list, or as a tile. */

import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { moment, plainName, size, when } from "../base/look.js";
import { t } from "../base/text.js";
import { isFolder } from "./entries.js";
import { called } from "./kinds.js";
import { picture } from "./pictures.js";

/**
 * @typedef {object} Standing
 * @property {number} index
 * @property {number} count of all
 * @property {boolean} chosen
 * @property {boolean} here the keyboard is
 * @property {boolean} cut it waits to be moved
 * @property {boolean} fresh it came just now
 */

/** @param {number} index */
export function rowId(index) {
  return `entry-${index}`;
}

/**
 * @param {import("./entries.js").Entry} entry
 * @param {Standing} standing
 */
export function row(entry, standing) {
  const time = h("span", { class: "time", "aria-hidden": "true" });
  if (entry.modified) {
    time.title = moment(entry.modified);
    time.append(when(entry.modified));
  }
  return option(
    entry,
    standing,
    "row",
    tickBox(),
    picture(entry),
    name(entry),
    time,
    h("span", { class: "size", "aria-hidden": "true" }, isFolder(entry) ? "" : size(entry.size)),
    moreOf(entry),
  );
}

/**
 * @param {import("./entries.js").Entry} entry
 * @param {Standing} standing
 */
export function tile(entry, standing) {
  return option(
    entry,
    standing,
    "tile",
    tickBox(),
    h("span", { class: "tile-picture" }, picture(entry)),
    name(entry),
    moreOf(entry),
  );
}

/**
 * @param {import("./entries.js").Entry} entry
 * @param {Standing} standing
 * @param {string} kind
 * @param {...HTMLElement} content
 */
function option(entry, standing, kind, ...content) {
  const made = h(
    "div",
    {
      id: rowId(standing.index),
      class: `${kind} ${entry.kind}`,
      role: "option",
      draggable: "true",
      "aria-setsize": standing.count,
      "aria-posinset": standing.index + 1,
      "data-index": standing.index,
    },
    ...content,
  );
  restand(made, standing);
  return made;
}

/**
 * Show how it stands now; the element stays, so that a second click meets what the first did.
 * @param {HTMLElement} element
 * @param {Standing} standing
 */
export function restand(element, standing) {
  element.setAttribute("aria-selected", String(standing.chosen));
  element.classList.toggle("here", standing.here);
  element.classList.toggle("cut", standing.cut);
  element.classList.toggle("fresh", standing.fresh);
}

function tickBox() {
  return h(
    "span",
    { class: "tick-box", "data-do": "toggle", "aria-hidden": "true" },
    icon("check"),
  );
}

/**
 * What else can be done, for a mouse or a finger: what an option holds is no button to who hears
 * the page. The keyboard has its own key for the menu, and the bar above has the same one.
 * @param {import("./entries.js").Entry} entry
 */
function moreOf(entry) {
  return h(
    "span",
    {
      class: "button icon-only more-of",
      "data-do": "menu",
      "aria-hidden": "true",
      title: t("drive.more_of", { name: plainName(entry.name) }),
    },
    icon("more"),
  );
}

/** @param {import("./entries.js").Entry} entry */
function name(entry) {
  const note =
    entry.kind === "link"
      ? `→ ${entry.target ?? ""}`
      : entry.kind === "unreadable"
        ? t("drive.unreadable")
        : "";
  return h(
    "span",
    { class: "name", title: entry.name },
    h("bdi", {}, plainName(entry.name)),
    note && h("span", { class: "soft" }, note),
    h("span", { class: "unheard" }, heard(entry)),
  );
}

/**
 * What the picture and the columns say, for who hears the page: also where they are not seen.
 * @param {import("./entries.js").Entry} entry
 */
function heard(entry) {
  const words = [
    called(entry),
    isFolder(entry) ? "" : size(entry.size),
    entry.modified ? when(entry.modified) : "",
  ];
  return words
    .filter(Boolean)
    .map((each) => `, ${each}`)
    .join("");
}
