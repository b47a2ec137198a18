// @ts-check
/** What can be done with an entry, or with all that are chosen. */

import { parentOf } from "../base/paths.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { attempt } from "../parts/toast.js";
import * as actions from "./actions.js";
import { showDetails } from "./details.js";
import { download } from "./download.js";
import { isFolder, isTaken } from "./entries.js";
import { open } from "./opening.js";
import { pickFolder } from "./picker.js";

/**
 * @param {import("./view.js").Shown} shown
 * @param {import("./entries.js").Entry} entry
 * @returns {import("../parts/menu.js").Item[]}
 */
export function entryMenu(shown, entry) {
  const all = shown.selection.count > 1 ? shown.selection.chosen : [entry];
  const paths = all.map((each) => each.path);
  const one = all.length === 1;
  if (entry.path === parentOf(entry.path) || parentOf(entry.path) === "/")
    return one ? [opening(entry), detailing(entry)] : [];
  /** @type {(import("../parts/menu.js").Item | false)[]} */
  const items = [
    one && entry.kind !== "unreadable" && opening(entry),
    {
      said: t("drive.download"),
      icon: "download",
      go: () => attempt(() => download(all)),
    },
    one &&
      session.isMine(entry.path) && {
        said: t("share.title"),
        icon: "shared",
        go: () => share(entry),
      },
    shown.writable &&
      one && {
        said: t("drive.rename"),
        icon: "edit",
        apart: true,
        go: () => actions.rename(entry, isTaken(shown)),
      },
    shown.writable && {
      said: t("drive.move"),
      icon: "move",
      go: () => pick(paths, "move"),
    },
    { said: t("drive.copy"), icon: "copy", go: () => pick(paths, "copy") },
    one && detailing(entry),
    one &&
      entry.kind === "file" && {
        said: t("versions.title"),
        icon: "history",
        go: () => versions(entry),
      },
    shown.writable && {
      said: t("drive.trash"),
      icon: "trash",
      apart: true,
      danger: true,
      go: () => attempt(() => actions.trash(paths)),
    },
  ];
  return items.filter((each) => each !== false);
}

/**
 * @param {import("./entries.js").Entry} entry
 * @returns {import("../parts/menu.js").Item}
 */
function opening(entry) {
  return {
    said: t("drive.open"),
    icon: isFolder(entry) ? "files" : "eye",
    go: () => open(entry),
  };
}

/**
 * @param {import("./entries.js").Entry} entry
 * @returns {import("../parts/menu.js").Item}
 */
function detailing(entry) {
  return {
    said: t("details.title"),
    icon: "info",
    go: () => showDetails(entry),
  };
}

/** @param {import("./entries.js").Entry} entry */
export async function share(entry) {
  const { shareSheet } = await import("../sharing/sheet.js");
  shareSheet(entry.path);
}

/** @param {{path: string, name: string}} entry */
export async function versions(entry) {
  const { showVersions } = await import("./versions.js");
  showVersions(entry);
}

/**
 * @param {string[]} paths
 * @param {"move" | "copy"} how
 */
export function pick(paths, how) {
  const start = session.isMine(paths[0]) ? parentOf(paths[0]) : session.home();
  if (how === "move")
    pickFolder(t("drive.move"), t("drive.move_here"), start, paths, (folder) =>
      actions.moveTo(paths, folder),
    );
  else
    pickFolder(t("drive.copy"), t("drive.copy_here"), start, paths, (folder) =>
      actions.copyTo(paths, folder),
    );
}
