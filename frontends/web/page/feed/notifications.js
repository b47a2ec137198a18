// @ts-check
/** Who answered what I wrote, and who asks to follow me. */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { ago, plainName } from "../base/look.js";
import { at } from "../base/routes.js";
import { t } from "../base/text.js";
import { avatar } from "../parts/avatar.js";
import { dialog } from "../parts/dialog.js";
import { arriving, empty } from "../parts/states.js";
import { attempt } from "../parts/toast.js";

const PAGE = 50;

/** @typedef {{time: number, kind: "comment" | "reaction" | "follow", who: string, said: string, new: boolean, post?: string}} Notification */

/** Show them; they were seen then. */
export function showNotifications() {
  const place = h("div", {});
  const shown = dialog(t("bell.title"), [place]);
  void arriving(place, async () => {
    const lines = await some(null, shown.close);
    await post("notifications/seen");
    if (!lines.length) return empty("bell", t("bell.empty"), t("bell.empty_said"));
    return h("ul", { class: "rows" }, lines);
  });
}

/**
 * Some of them, and a button for earlier ones.
 * @param {number | null} before
 * @param {() => void} close
 * @returns {Promise<HTMLElement[]>}
 */
async function some(before, close) {
  /** @type {HTMLElement[]} */
  const lines = [];
  const take = (/** @type {string} */ kind, /** @type {any} */ value) =>
    kind === "notification" && lines.push(line(value, close));
  const done = await post("notifications", { count: PAGE, before }, { line: take });
  if (!done.after) return lines;
  const show = () => attempt(async () => more.replaceWith(...(await some(done.after, close))));
  const more = h("li", {}, h("button", { type: "button", onclick: show }, t("feed.more")));
  return [...lines, more];
}

/**
 * @param {Notification} each
 * @param {() => void} close
 */
function line(each, close) {
  const said = {
    comment: t("bell.comment", { who: each.who }),
    reaction: t("bell.reaction", { who: each.who }),
    follow: t("bell.follow", { who: each.who }),
  }[each.kind];
  const to = each.post ? at("feed", [each.post]) : at("people");
  return h(
    "li",
    {},
    h(
      "a",
      { class: "person-row", href: to, onclick: close },
      avatar(each.who),
      h(
        "span",
        { class: "grow" },
        h("strong", {}, said),
        each.said && h("span", {}, plainName(each.said)),
        h("span", { class: "soft" }, ago(each.time)),
      ),
      each.new && icon("bell"),
    ),
  );
}
