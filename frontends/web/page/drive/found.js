// @ts-check
/** What a search found, in one's own files and in what others share. */

import { list } from "../base/api.js";
import { h } from "../base/dom.js";
import { plainName, size, when } from "../base/look.js";
import { parentOf } from "../base/paths.js";
import { whereIs } from "../base/routes.js";
import { t } from "../base/text.js";
import { toolLink } from "../parts/buttons.js";
import { page } from "../parts/page.js";
import { arriving, empty } from "../parts/states.js";
import { isFolder, isInner } from "./entries.js";
import { linked } from "./linked.js";
import { picture } from "./pictures.js";

/**
 * @param {import("../base/routes.js").Place} where
 * @returns {import("../shell/shell.js").View}
 */
export function foundView(where) {
  const asked = where.asked.get("q") ?? "";
  const place = h("div", { "aria-live": "polite" });
  const stop = new AbortController();
  void arriving(place, async () => {
    /** @type {import("./entries.js").Entry[]} */
    const all = await list(
      "search",
      { words: asked.split(/\s+/).filter(Boolean), limit: 200 },
      "entry",
      undefined,
      stop.signal,
    );
    const found = all.filter((each) => !isInner(each.path));
    if (!found.length) return empty("search", t("search.none", { asked }), t("search.none_said"));
    return h("ul", { class: "rows" }, found.map(line));
  });
  return {
    element: page(t("search.title", { asked }), [], place),
    title: t("search.label"),
    leave: () => stop.abort(),
  };
}

/** @param {import("./entries.js").Entry} entry */
function line(entry) {
  const details = [
    plainName(parentOf(entry.path)),
    isFolder(entry) ? "" : size(entry.size),
    entry.modified ? when(entry.modified) : "",
  ]
    .filter(Boolean)
    .join(" · ");
  return h(
    "li",
    {},
    linked(entry, details, picture(entry)),
    toolLink(
      "files",
      t("search.where", { name: entry.name }),
      whereIs(entry.path),
      t("search.where_short"),
    ),
  );
}
