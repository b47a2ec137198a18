// @ts-check
/** Who says something, and when. */

import { h } from "../base/dom.js";
import { ago, moment } from "../base/look.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { avatar } from "../parts/avatar.js";

/** Whether it is oneself. @param {string} who */
export function isMe(who) {
  return who === session.myself().name;
}

/** What somebody is called, oneself too. @param {string} who */
export function called(who) {
  return isMe(who) ? t("you") : who;
}

/**
 * The head of a post.
 * @param {{who: string, time: number}} each
 * @param {string} [note] behind the time
 * @param {...HTMLElement} more at its end
 */
export function author({ who, time }, note = "", ...more) {
  const said = [ago(time), note].filter(Boolean).join(" · ");
  return h(
    "header",
    { class: "post-head" },
    avatar(who),
    h(
      "span",
      { class: "grow" },
      h("strong", {}, called(who)),
      h("span", { class: "soft", title: moment(time) }, said),
    ),
    more,
  );
}
