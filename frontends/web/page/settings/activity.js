// @ts-check
/** What changed, when, and by which device: from the states that are kept. */

import { list } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { moment, plainName } from "../base/look.js";
import { nameOf } from "../base/paths.js";
import { whereIs } from "../base/routes.js";
import { t } from "../base/text.js";
import { isInner } from "../drive/entries.js";
import { section } from "../parts/page.js";
import { arriving, empty } from "../parts/states.js";

const PAGE = 50;

const SHOWN = 12;
/** Changes of one state that are named. */

/** @typedef {{what: "added" | "changed" | "removed" | "moved", path: string, kind: string, size: number | null, from: string | null}} Change */
/** @typedef {{state: number, made: number, who: string | null, device: string | null, changes: Change[]}} State */

/** The newest first. @param {AbortSignal} signal of the view's end */
export function activity(signal) {
  const place = h("div", {});
  const load = (/** @type {number} */ limit) =>
    arriving(place, async () => {
      /** @type {State[]} */
      const found = await list("log", { limit }, "state", undefined, signal);
      for (const each of found) each.changes = each.changes.filter(({ path }) => !isInner(path));
      const told = found.filter((each) => each.changes.length);
      if (!told.length) return empty("clock", t("activity.none"), t("activity.none_said"));
      const more =
        found.length === limit &&
        h("button", { type: "button", onclick: () => load(limit + PAGE) }, t("feed.more"));
      return [h("ol", { class: "rows" }, told.map(line)), more];
    });
  void load(PAGE);
  return section(t("settings.activity"), h("p", { class: "soft" }, t("activity.said")), place);
}

/** @param {State} each */
function line(each) {
  const by = [each.who, each.device].filter(Boolean).join(", ");
  const more = each.changes.length - SHOWN;
  return h(
    "li",
    {},
    h(
      "span",
      { class: "grow" },
      each.changes.slice(0, SHOWN).map(change),
      more > 0 && h("span", { class: "soft" }, t("activity.more", { count: more })),
      h("span", { class: "soft" }, [moment(each.made), by].filter(Boolean).join(" · ")),
    ),
  );
}

/** @param {Change} each */
function change(each) {
  const name = h(
    "a",
    {
      href: whereIs(each.path),
    },
    plainName(nameOf(each.path)),
  );
  const said = {
    added: t("activity.added"),
    changed: t("activity.changed"),
    removed: t("activity.removed"),
    moved: t("activity.moved"),
  }[each.what];
  const picture = /** @type {const} */ ({
    added: "plus",
    changed: "edit",
    removed: "trash",
    moved: "move",
  })[each.what];
  return h(
    "span",
    { class: "change" },
    icon(picture),
    h(
      "span",
      {},
      name,
      " ",
      h(
        "span",
        { class: "soft" },
        each.from ? t("activity.from", { what: said, from: plainName(each.from) }) : said,
      ),
    ),
  );
}
