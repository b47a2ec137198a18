// @ts-check
/** Choosing a folder to move or copy something into, or files that are to go along with something. */

import { h } from "../base/dom.js";
import { plainName, size } from "../base/look.js";
import { isWithin } from "../base/paths.js";
import { dialog, form } from "../parts/dialog.js";
import { tick } from "../parts/fields.js";
import { browsing } from "./browsing.js";
import { picture } from "./pictures.js";

/** @typedef {import("./entries.js").Entry} Entry */

/**
 * @param {string} title
 * @param {string} said on the button
 * @param {string} start the folder that is shown first
 * @param {string[]} not folders that nothing can go into
 * @param {(folder: string) => Promise<unknown>} work
 */
export function pickFolder(title, said, start, not, work) {
  const shown = dialog(title, []);
  const fits = (/** @type {Entry} */ each) => !not.some((other) => isWithin(each.path, other));
  const found = browsing(start, shown.signal, fits, () => null);
  const asked = form([], said, async () => {
    await work(found.at());
    shown.close();
  });
  shown.body.append(found.element, asked);
}

/**
 * Files, of as many folders as one goes through.
 * @param {string} title
 * @param {string} said on the button
 * @param {string} start the folder that is shown first
 * @param {(files: Entry[]) => void} work
 */
export function pickFiles(title, said, start, work) {
  const shown = dialog(title, []);
  /** @type {Map<string, Entry>} */
  const chosen = new Map();
  const line = (/** @type {Entry} */ file) => {
    if (file.kind !== "file") return null;
    const made = tick(plainName(file.name), chosen.has(file.path), size(file.size));
    made.input.addEventListener("change", () =>
      made.input.checked ? chosen.set(file.path, file) : chosen.delete(file.path),
    );
    return h("div", { class: "pick" }, picture(file), made.element);
  };
  const found = browsing(start, shown.signal, () => true, line);
  const asked = form([], said, async () => {
    work([...chosen.values()]);
    shown.close();
  });
  shown.body.append(found.element, asked);
}
