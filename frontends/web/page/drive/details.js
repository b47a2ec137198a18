// @ts-check
/** Everything that is known of one thing, and who sees it. */

import { list } from "../base/api.js";
import { h } from "../base/dom.js";
import { count, moment, plainName, size } from "../base/look.js";
import { parentOf } from "../base/paths.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { dialog } from "../parts/dialog.js";
import { arriving } from "../parts/states.js";
import { isFolder } from "./entries.js";
import { called } from "./kinds.js";
import { picture } from "./pictures.js";

/** @param {import("./entries.js").Entry} entry */
export function showDetails(entry) {
  const facts = h("div", {});
  const shown = dialog(plainName(entry.name), [
    h("div", { class: "details-picture" }, picture(entry)),
    facts,
  ]);
  void arriving(facts, async () => {
    const [found] = await list("stat", { paths: [entry.path] }, "entry", undefined, shown.signal);
    return table(found, shown.signal);
  });
}

/**
 * @param {any} found
 * @param {AbortSignal} signal
 */
function table(found, signal) {
  const below = isFolder(found);
  /** @type {[string, import("../base/dom.js").Child][]} */
  const rows = [
    [t("sort.type"), called(found)],
    [t("details.where"), plainName(parentOf(found.path))],
    [
      t("sort.size"),
      below ? measured(found.path, signal) : `${size(found.size)} (${count(found.size)})`,
    ],
    [t("sort.modified"), found.modified && moment(found.modified)],
    [t("details.created"), found.created && moment(found.created)],
    [
      t("details.seen_by"),
      session.isMine(found.path) && found.path !== session.home() && seenBy(found.path, signal),
    ],
  ];
  return h(
    "dl",
    { class: "facts" },
    rows.flatMap(([name, value]) => (value ? [h("dt", {}, name), h("dd", {}, value)] : [])),
  );
}

/**
 * How much is below a folder; it comes when it is counted.
 * @param {string} path
 * @param {AbortSignal} signal
 */
function measured(path, signal) {
  const place = h("span", {}, "…");
  void arriving(place, async () => {
    const [usage] = await list("du", { paths: [path] }, "usage", undefined, signal);
    return t("details.below", {
      size: size(usage.bytes),
      files: count(usage.files),
      folders: count(usage.folders),
    });
  });
  return place;
}

/**
 * @param {string} path
 * @param {AbortSignal} signal
 */
function seenBy(path, signal) {
  const place = h("span", {}, "…");
  void arriving(place, async () => {
    const ways = await list("access", { path }, "way", undefined, signal);
    const names = new Set(ways.map((way) => way.who));
    return names.size ? [...names].join(", ") : t("share.nobody");
  });
  return place;
}
