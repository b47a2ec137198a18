// @ts-check
/** Opening an entry: into a folder, or a file's own view. */

import { file, folder, go } from "../base/routes.js";
import { isFolder } from "./entries.js";

/** @param {import("./entries.js").Entry} entry */
export function address(entry) {
  return isFolder(entry) ? folder(entry.path) : file(entry.path);
}

/** @param {import("./entries.js").Entry} entry */
export function open(entry) {
  if (entry.kind === "unreadable" || entry.kind === "link") return;
  go(address(entry));
}
