// @ts-check
/** One entry as a row of a list, or as a tile. */

import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { moment, plainName, size, when } from "../base/look.js";
import { t } from "../base/text.js";
import { iconButton } from "../parts/buttons.js";
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
  const time = entry.modified
    ? h("span", { class: "time", title: moment(entry.modified) }, when(entry.modified))
    : h("span", { class: "time" });
  return option(
    entry,
    standing,
    "row",
    tickBox(),
    picture(entry),
    name(entry),
    time,
    h("span", { class: "size" }, isFolder(entry) ? "" : size(entry.size)),
    moreButton(entry),
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
    moreButton(entry),
  );
}

/**
 * @param {import("./entries.js").Entry} entry
 * @param {Standing} standing
 * @param {string} kind
 * @param {...HTMLElement} content
 */
function option(entry, standing, kind, ...content) {
  const words = [
    entry.name,
    called(entry),
    isFolder(entry) ? "" : size(entry.size),
    entry.modified ? when(entry.modified) : "",
  ];
  const made = h(
    "div",
    {
      id: rowId(standing.index),
      class: `${kind} ${entry.kind}`,
      role: "option",
      draggable: "true",
      "aria-setsize": standing.count,
      "aria-posinset": standing.index + 1,
      "aria-label": words.filter(Boolean).join(", "),
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

/** @param {import("./entries.js").Entry} entry */
function moreButton(entry) {
  const label = t("drive.more_of", { name: entry.name });
  return iconButton("more", label, { tabindex: -1, "data-do": "menu" });
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
  );
}
