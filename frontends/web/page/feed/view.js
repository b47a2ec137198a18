// @ts-check
/** What friends post and share, and oneself, the newest first. */

import { Failed, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { at } from "../base/routes.js";
import { t } from "../base/text.js";
import { events } from "../base/watch.js";
import { page } from "../parts/page.js";
import { arriving, empty, notice } from "../parts/states.js";
import { attempt } from "../parts/toast.js";
import { compose } from "./compose.js";
import { item } from "./item.js";
import { threadView } from "./thread.js";

const PAGE = 20;

/**
 * @param {import("../base/routes.js").Place} where
 * @returns {import("../shell/shell.js").View}
 */
export function feedView(where) {
  if (where.rest.length) return threadView(where.rest[0], where.rest[1]);
  const place = h("div", { class: "stack wide-gaps" });
  const fresh = h("div", { "aria-live": "polite" });
  const hidden = where.asked.has("hidden");
  const load = () => {
    fill(fresh);
    return arriving(place, () => some("", hidden, load));
  };
  void load();
  const leave = events.on(({ kind }) => {
    if (kind === "notification") void load();
    if (kind === "item")
      fill(
        fresh,
        h("button", { type: "button", class: "fresh-items", onclick: load }, t("feed.fresh")),
      );
  });
  return {
    element: page(t("nav.feed"), [], compose(load), fresh, place),
    title: t("nav.feed"),
    leave,
  };
}

/**
 * A page of it, and a button for the next one.
 * @param {string} before
 * @param {boolean} hidden whether what was hidden is shown, too
 * @param {() => void} load
 * @returns {Promise<HTMLElement[]>}
 */
async function some(before, hidden, load) {
  /** @type {any[]} */
  const items = [];
  /** @type {Failed[]} */
  const problems = [];
  const line = (/** @type {string} */ kind, /** @type {any} */ value) => {
    if (kind === "item") items.push(value);
    else if (kind === "problem") problems.push(new Failed(value));
  };
  const done = await post("feed", { before, count: PAGE, hidden }, { line });
  if (!before) void attempt(() => post("feed/seen"));
  if (!items.length && !before)
    return [
      ...problems.map(notice),
      empty(
        "feed",
        t("feed.none"),
        t("feed.none_said"),
        h("a", { class: "button", href: at("people") }, t("nav.people")),
      ),
    ];
  const more = h(
    "button",
    {
      type: "button",
      onclick: () =>
        attempt(async () => more.replaceWith(...(await some(done.after, hidden, load)))),
    },
    t("feed.more"),
  );
  return [
    ...problems.map(notice),
    ...items.map((each) => item(each, load)),
    ...(done.after ? [more] : hidden ? [] : [hiddenLink()]),
  ];
}

/** The way to what was hidden. */
function hiddenLink() {
  const to = at("feed", [], { hidden: "yes" });
  return h("p", { class: "soft" }, h("a", { href: to }, t("feed.hidden")));
}
