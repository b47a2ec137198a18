// @ts-check
/** What is done with entries. Each says what it did, with the way back; none asks whether one is sure. */

import { Failed, list, post, pour } from "../base/api.js";
import { plainName } from "../base/look.js";
import { free, join, nameOf, parentOf } from "../base/paths.js";
import { file, go } from "../base/routes.js";
import { Signal } from "../base/signal.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { askText } from "../parts/dialog.js";
import { tell, undoing } from "../parts/toast.js";

/** @typedef {import("./entries.js").Entry} Entry */

/** Told of folders in which something is another now, and what is to be seen there. @type {Signal<{folders: string[], show: string[]}>} */
export const changed = new Signal();

/**
 * @param {string[]} paths of what is new, or gone
 * @param {string[]} [show] what is to be chosen
 */
export function touch(paths, show = []) {
  changed.tell({ folders: [...new Set(paths.map(parentOf))], show });
}

/** @param {string[]} paths */
function named(paths) {
  return { count: paths.length, name: plainName(nameOf(paths[0] ?? "")) };
}

/** @param {string} folder */
export function newFolder(folder) {
  askText(t("drive.new_folder"), { label: t("name"), said: t("create") }, async (name) => {
    const path = join(folder, name);
    await post("mkdir", { paths: [path] });
    touch([path], [path]);
  });
}

/**
 * @param {string} folder
 * @param {(name: string) => boolean} isTaken
 */
export function newText(folder, isTaken) {
  const usual = t("drive.new_text_name");
  askText(
    t("drive.new_text"),
    {
      label: t("name"),
      said: t("create"),
      value: usual,
      selected: usual.lastIndexOf("."),
    },
    async (name) => {
      const path = join(folder, name);
      if (isTaken(name)) throw taken(name);
      await pour("put/pipe", { to: path }, new Blob([]));
      touch([path], [path]);
      go(file(path));
    },
  );
}

/**
 * @param {Entry} entry
 * @param {(name: string) => boolean} isTaken
 */
export function rename(entry, isTaken) {
  const dot = entry.kind === "file" ? entry.name.lastIndexOf(".") : -1;
  askText(
    t("drive.rename"),
    {
      label: t("name"),
      said: t("drive.rename"),
      value: entry.name,
      selected: dot > 0 ? dot : entry.name.length,
    },
    async (name) => {
      const to = join(parentOf(entry.path), name);
      if (to === entry.path) return;
      if (isTaken(name)) throw taken(name);
      await post("mv", { sources: [entry.path], to });
      touch([to], [to]);
      tell(
        t("drive.renamed", { name: plainName(name) }),
        undoing(async () => {
          await post("mv", { sources: [to], to: entry.path });
          touch([to], [entry.path]);
        }),
      );
    },
  );
}

/**
 * @param {string[]} paths
 * @param {string} folder
 */
export async function moveTo(paths, folder) {
  const away = paths.filter((each) => parentOf(each) !== folder);
  if (!away.length) return;
  const moved = await list("mv", { sources: away, to: join(folder, "") }, "moved");
  touch(
    [...away, join(folder, "x")],
    moved.map((each) => each.to),
  );
  tell(
    t("drive.moved", { ...named(away), to: plainName(nameOf(folder)) }),
    undoing(async () => {
      for (const each of moved) await post("mv", { sources: [each.to], to: each.from });
      touch([...away, join(folder, "x")], away);
    }),
  );
}

/**
 * @param {string[]} paths
 * @param {string} folder
 */
export async function copyTo(paths, folder) {
  /** @type {string[]} */
  const made = [];
  const there = new Set((await list("ls", { paths: [folder] }, "entry")).map((each) => each.name));
  for (const path of paths) {
    const name = free(nameOf(path), (each) => there.has(each));
    there.add(name);
    made.push(join(folder, name));
    await post("cp", {
      sources: [path],
      to: join(folder, name),
      recursive: true,
    });
  }
  touch(made, made);
  tell(
    t("drive.copied", { ...named(paths), to: plainName(nameOf(folder)) }),
    undoing(async () => {
      await post("rm", { paths: made, recursive: true });
      touch(made);
    }),
  );
}

/** @param {string[]} paths */
export async function trash(paths) {
  const removed = await list("rm", { paths, recursive: true }, "removed");
  touch(paths);
  const ids = removed.map((each) => each.id).filter(Boolean);
  const back = ids.length === paths.length && paths.every(session.isMine);
  tell(t("drive.trashed", named(paths)), back ? undoing(() => restore(ids, paths)) : undefined);
}

/**
 * @param {string[]} ids of things in the trash
 * @param {string[]} paths where they were
 */
async function restore(ids, paths) {
  await post("trash/restore", { names: ids });
  touch(paths, paths);
}

/** @param {string} name */
function taken(name) {
  return new Failed({
    kind: "Exists",
    message: t("drive.taken", { name: plainName(name) }),
  });
}
