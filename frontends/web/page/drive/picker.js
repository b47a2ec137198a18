// @ts-check
/** Choosing a folder: to move or copy something into. */

import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { plainName } from "../base/look.js";
import { isWithin, nameOf, parentOf, parts } from "../base/paths.js";
import { t } from "../base/text.js";
import { iconButton } from "../parts/buttons.js";
import { dialog, form } from "../parts/dialog.js";
import { arriving } from "../parts/states.js";
import { contentsOf, inOrder, isFolder, isInner } from "./entries.js";

/**
 * @param {string} title
 * @param {string} said on the button
 * @param {string} start the folder that is shown first
 * @param {string[]} not folders that nothing can go into
 * @param {(folder: string) => Promise<unknown>} work
 */
export function pickFolder(title, said, start, not, work) {
  let at = start;
  const where = h("div", { class: "picker-where" });
  const below = h("div", {
    class: "picker",
    role: "group",
    "aria-label": t("picker.label"),
  });
  const shown = dialog(title, [
    where,
    below,
    form([], said, async () => {
      await work(at);
      shown.close();
    }),
  ]);
  const show = (/** @type {string} */ folder) => {
    at = folder;
    const up =
      parts(folder).length > 0 &&
      iconButton("back", t("picker.up"), { onclick: () => show(parentOf(folder)) });
    fill(where, up, h("strong", {}, plainName(nameOf(folder))));
    void arriving(below, async () => {
      const { entries } = await contentsOf(folder, shown.signal);
      const folders = inOrder(
        entries.filter((each) => isFolder(each) && !isInner(each.path)),
        { key: "name", down: false },
      );
      const fits = folders.filter((each) => !not.some((other) => isWithin(each.path, other)));
      if (!fits.length) return h("p", { class: "soft" }, t("picker.none"));
      return fits.map((each) =>
        h(
          "button",
          {
            type: "button",
            class: "person-row",
            onclick: () => show(each.path),
          },
          icon("files"),
          h("span", { class: "grow" }, plainName(each.name)),
          icon("next"),
        ),
      );
    });
  };
  show(start);
}
