// @ts-check
/** Who answered what I wrote, and who asks to follow me. */

import { list, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { ago, plainName } from "../base/look.js";
import { at } from "../base/routes.js";
import { t } from "../base/text.js";
import { avatar } from "../parts/avatar.js";
import { dialog } from "../parts/dialog.js";
import { arriving, empty } from "../parts/states.js";

/** @typedef {{time: number, kind: "comment" | "reaction" | "follow", who: string, said: string, new: boolean, post?: string}} Notification */

/** Show them; they were seen then. */
export function showNotifications() {
  const place = h("div", {});
  const shown = dialog(t("bell.title"), [place]);
  void arriving(place, async () => {
    /** @type {Notification[]} */
    const found = await list("notifications", { count: 50 }, "notification");
    await post("notifications/seen");
    if (!found.length) return empty("bell", t("bell.empty"), t("bell.empty_said"));
    return h(
      "ul",
      { class: "rows" },
      found.map((each) => line(each, shown.close)),
    );
  });
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
