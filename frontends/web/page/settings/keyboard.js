// @ts-check
/** Which keys do what in a folder (`drive/keys.js`). */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { section } from "../parts/page.js";

/** The table. */
export function keyboardHelp() {
  /** @type {[string[], string][]} */
  const keys = [
    [["↑", "↓", "Home", "End"], t("keys.go")],
    [["Enter"], t("drive.open")],
    [["Space"], t("keys.choose")],
    [["Shift", "↓"], t("keys.extend")],
    [["Ctrl", "A"], t("keys.all")],
    [["Ctrl", "C"], t("keys.copy")],
    [["Ctrl", "X"], t("keys.cut")],
    [["Ctrl", "V"], t("keys.paste")],
    [["Ctrl", "Z"], t("undo")],
    [["F2"], t("drive.rename")],
    [["Del"], t("drive.trash")],
    [["Shift", "F10"], t("more")],
    [["Backspace"], t("picker.up")],
    [["/"], t("search.label")],
    [["a … z"], t("keys.seek")],
  ];
  const lines = keys.flatMap(([all, said]) => [
    h(
      "dt",
      {},
      all.map((each) => h("kbd", {}, each)),
    ),
    h("dd", {}, said),
  ]);
  return section(t("keys.title"), h("dl", { class: "facts" }, lines));
}
