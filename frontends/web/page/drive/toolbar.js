// @ts-check
/** Above the list: where one is and what can be made here; or, when something is chosen, what can be done with it. */

import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { count, size } from "../base/look.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { toolButton } from "../parts/buttons.js";
import { giveBack } from "../parts/focus.js";
import { menuButton, moreButton } from "../parts/menu.js";
import { attempt } from "../parts/toast.js";
import * as actions from "./actions.js";
import { crumbs } from "./crumbs.js";
import { download } from "./download.js";
import { chosen } from "./drop.js";
import { SORT_KEYS, isTaken } from "./entries.js";
import { entryMenu, pick, share } from "./entry_menu.js";
import { upload } from "./uploads.js";

/** @param {import("./view.js").Shown} shown */
export function toolbar(shown) {
  const element = h("header", { class: "view-head" });
  let state = "";
  const update = () => {
    const next = shown.selection.count
      ? `chosen ${shown.selection.count}`
      : `plain ${shown.look} ${shown.writable}`;
    if (next === state) return;
    state = next;
    const hadFocus = element.contains(document.activeElement);
    fill(element, shown.selection.count ? choosing(shown) : plain(shown));
    if (hadFocus) giveBack();
  };
  return { element, update };
}

/** @param {import("./view.js").Shown} shown */
function plain(shown) {
  const grid = shown.look === "grid";
  const other = grid ? t("drive.as_list") : t("drive.as_grid");
  return [
    crumbs(shown.folder),
    h(
      "div",
      { class: "view-actions" },
      menuButton([icon("sort")], () => sorting(shown), {
        class: "icon-only",
        "aria-label": t("drive.sort"),
        title: t("drive.sort"),
      }),
      toolButton(grid ? "list" : "grid", other, () => shown.showAs(grid ? "list" : "grid")),
      shown.writable &&
        menuButton([icon("plus"), h("span", {}, t("drive.new"))], () => making(shown), {
          class: "primary",
        }),
    ),
  ];
}

/**
 * @param {import("./view.js").Shown} shown
 * @returns {import("../parts/menu.js").Item[]}
 */
function making(shown) {
  return [
    {
      said: t("drive.upload_files"),
      icon: "upload",
      go: () => choose(shown, false),
    },
    {
      said: t("drive.upload_folder"),
      icon: "files",
      go: () => choose(shown, true),
    },
    {
      said: t("drive.new_folder"),
      icon: "new_folder",
      apart: true,
      go: () => actions.newFolder(shown.folder),
    },
    {
      said: t("drive.new_text"),
      icon: "text",
      go: () => actions.newText(shown.folder, isTaken(shown)),
    },
  ];
}

/**
 * Let the person choose files, or a folder, of their disk.
 * @param {import("./view.js").Shown} shown
 * @param {boolean} folder
 */
function choose(shown, folder) {
  const input = h("input", {
    type: "file",
    multiple: true,
    webkitdirectory: folder,
  });
  input.addEventListener("change", () => {
    const files = chosen(/** @type {FileList} */ (input.files));
    void attempt(() => upload(shown.folder, files));
  });
  input.click();
}

/**
 * @param {import("./view.js").Shown} shown
 * @returns {import("../parts/menu.js").Item[]}
 */
function sorting(shown) {
  const { key, down } = shown.order;
  return [
    ...SORT_KEYS.map((each) => ({
      said: t(`sort.${each}`),
      chosen: each === key,
      go: () => shown.sort({ key: each, down }),
    })),
    {
      said: t("sort.up"),
      chosen: !down,
      apart: true,
      go: () => shown.sort({ key, down: false }),
    },
    {
      said: t("sort.down"),
      chosen: down,
      go: () => shown.sort({ key, down: true }),
    },
  ];
}

/**
 * The columns' names, which sort by them.
 * @param {import("./view.js").Shown} shown
 */
export function sortHead(shown) {
  const { key, down } = shown.order;
  return /** @type {const} */ (["name", "modified", "size"]).map((each) => {
    const here = each === key;
    const go = () => shown.sort({ key: each, down: here ? !down : each !== "name" });
    const said = here
      ? t("sort.by_now", {
          key: t(`sort.${each}`),
          way: t(down ? "sort.down" : "sort.up"),
        })
      : t("sort.by", { key: t(`sort.${each}`) });
    return h(
      "button",
      {
        type: "button",
        class: `plain col-${each}`,
        "aria-label": said,
        onclick: go,
      },
      t(`sort.${each}`),
      here && icon(down ? "down" : "up"),
    );
  });
}

/** @param {import("./view.js").Shown} shown */
function choosing(shown) {
  const all = shown.selection.chosen;
  const paths = all.map((each) => each.path);
  const bytes = all.reduce((sum, each) => sum + each.size, 0);
  const said = h(
    "p",
    { role: "status" },
    t("drive.chosen", { count: all.length }),
    bytes > 0 && h("span", { class: "soft" }, ` · ${size(bytes)}`),
  );
  return [
    h(
      "div",
      { class: "chosen" },
      toolButton("close", t("drive.choose_none"), () => shown.selection.none()),
      said,
      all.length < shown.entries.length &&
        h(
          "button",
          {
            type: "button",
            class: "plain",
            onclick: () => shown.selection.all(),
          },
          t("drive.choose_all", { count: count(shown.entries.length) }),
        ),
    ),
    h(
      "div",
      { class: "view-actions" },
      toolButton("download", t("drive.download"), () => attempt(() => download(all))),
      all.length === 1 &&
        session.isMine(paths[0]) &&
        toolButton("shared", t("share.title"), () => share(all[0])),
      shown.writable && toolButton("move", t("drive.move"), () => pick(paths, "move")),
      shown.writable &&
        toolButton("trash", t("drive.trash"), () => attempt(() => actions.trash(paths))),
      moreButton(() => entryMenu(shown, all[0])),
    ),
  ];
}
