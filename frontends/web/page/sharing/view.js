// @ts-check
/** What others share with me, and what I share. */

import { Failed, list } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { ago, plainName } from "../base/look.js";
import { nameOf } from "../base/paths.js";
import { at, folder } from "../base/routes.js";
import { t } from "../base/text.js";
import { events } from "../base/watch.js";
import { isInner } from "../drive/entries.js";
import { sharedWithMe } from "../drive/linked.js";
import { avatar } from "../parts/avatar.js";
import { page, tabs } from "../parts/page.js";
import { arriving, empty, notice } from "../parts/states.js";
import { mayDo } from "./may.js";
import { shareSheet } from "./sheet.js";

/**
 * @param {import("../base/routes.js").Place} where
 * @returns {import("../shell/shell.js").View}
 */
export function sharedView(where) {
  const mine = where.rest[0] === "mine";
  const ways = tabs(t("nav.shared"), [
    { to: at("shared"), said: t("shared.with_me"), isShown: !mine },
    { to: at("shared", ["mine"]), said: t("shared.by_me"), isShown: mine },
  ]);
  const place = h("div", {});
  const load = () => arriving(place, mine ? byMe : withMe);
  void load();
  const leave = events.on(({ kind }) => ["news", "item"].includes(kind) && void load());
  return {
    element: page(t("nav.shared"), [], ways, place),
    title: t("nav.shared"),
    leave,
  };
}

/** What friends share with me, by friend. */
async function withMe() {
  /** @type {Failed[]} */
  const problems = [];
  const all = await list("shared", { with_me: true }, "with_me", (error) => problems.push(error));
  const found = all.filter((each) => !isInner(each.path));
  const notices = problems.map(notice);
  if (!found.length)
    return [
      ...notices,
      empty(
        "shared",
        t("shared.none"),
        t("shared.none_said"),
        h("a", { class: "button", href: at("people") }, t("nav.people")),
      ),
    ];
  const people = grouped(found, "who");
  return [
    ...notices,
    ...people.map(([who, things]) =>
      h(
        "section",
        { class: "shared-group" },
        h("h2", {}, avatar(who), h("a", { href: folder(`/${who}`) }, who)),
        h("ul", { class: "rows" }, things.map(sharedWithMe)),
      ),
    ),
  ];
}

/**
 * @param {any[]} all
 * @param {"who" | "path"} by
 * @returns {[string, any[]][]}
 */
function grouped(all, by) {
  /** @type {Map<string, any[]>} */
  const groups = new Map();
  for (const each of all) groups.set(each[by], [...(groups.get(each[by]) ?? []), each]);
  return [...groups];
}

/** What I share, each with whoever sees it. */
async function byMe() {
  const shares = (await list("shared", { by_me: true }, "by_me")).filter(
    (each) => !isInner(each.path),
  );
  if (!shares.length) return empty("shared", t("shared.mine_none"), t("shared.mine_none_said"));
  return h(
    "ul",
    { class: "rows" },
    grouped(shares, "path").map(([path, all]) => mine(path, all)),
  );
}

/**
 * @param {string} path
 * @param {any[]} all
 */
function mine(path, all) {
  const names = all
    .map((each) => `${each.who}${each.rights.length ? ` (${mayDo(each)})` : ""}`)
    .join(", ");
  const since = Math.min(...all.map((each) => each.since));
  const button = h(
    "button",
    { type: "button", onclick: () => shareSheet(path) },
    t("share.change"),
  );
  const place = h(
    "li",
    {},
    icon("shared"),
    h(
      "span",
      { class: "grow" },
      h("bdi", { class: "name" }, plainName(nameOf(path))),
      h("span", { class: "soft" }, `${names} · ${t("share.since", { time: ago(since) })}`),
    ),
    button,
  );
  return place;
}
