// @ts-check
/** Going through folders within a dialog: where one is, the way up, and what is there. */

import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { plainName } from "../base/look.js";
import { nameOf, parentOf, parts } from "../base/paths.js";
import { t } from "../base/text.js";
import { iconButton } from "../parts/buttons.js";
import { arriving } from "../parts/states.js";
import { contentsOf, inOrder, isFolder, isInner } from "./entries.js";

/** @typedef {import("./entries.js").Entry} Entry */

/**
 * @param {string} start the folder that is shown first
 * @param {AbortSignal} signal of its end
 * @param {(folder: Entry) => boolean} isWay whether a folder is to be seen
 * @param {(file: Entry) => HTMLElement | null} line what stands for anything else; null: nothing
 * @param {string} [then] a state: as it was
 * @returns {{element: HTMLElement, at: () => string}} `at`: the folder that is shown
 */
export function browsing(start, signal, isWay, line, then) {
  let at = start;
  const top = then ? 1 : 0; // what others share was never of a state of one's own
  const where = h("div", { class: "picker-where" });
  const below = h("div", { class: "picker", role: "group", "aria-label": t("picker.label") });
  const show = async (/** @type {string} */ folder) => {
    at = folder;
    const up =
      parts(folder).length > top &&
      iconButton("back", t("picker.up"), { onclick: () => show(parentOf(folder)) });
    fill(where, up, h("strong", {}, plainName(nameOf(folder))));
    await arriving(below, async () => {
      const { entries } = await contentsOf(folder, signal, undefined, then);
      const seen = entries.filter((each) => !isInner(each.path));
      const lines = inOrder(seen, { key: "name", down: false }).map((each) =>
        isFolder(each) ? isWay(each) && way(each, show) : line(each),
      );
      return lines.some(Boolean) ? lines : h("p", { class: "soft" }, t("picker.none"));
    });
    if (document.activeElement !== document.body) return;
    /** @type {HTMLElement | null} what was pressed is gone */
    const next = below.querySelector("button, input") ?? where.querySelector("button");
    next?.focus();
  };
  void show(start);
  return { element: h("div", { class: "stack" }, where, below), at: () => at };
}

/**
 * Into a folder.
 * @param {Entry} folder
 * @param {(path: string) => void} show
 */
function way(folder, show) {
  return h(
    "button",
    { type: "button", class: "person-row", onclick: () => show(folder.path) },
    icon("files"),
    h("span", { class: "grow" }, plainName(folder.name)),
    icon("next"),
  );
}
