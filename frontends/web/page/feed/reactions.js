// @ts-check
/** Reactions to a post or a comment: who has which, and one's own, which is one at most. */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { plainName } from "../base/look.js";
import { t } from "../base/text.js";
import { menuButton } from "../parts/menu.js";
import { attempt } from "../parts/toast.js";
import { isMe } from "./author.js";

/** @typedef {import("./whole.js").Said} Said */

const OFFERED = ["👍", "❤️", "😂", "😮", "🎉"];

/**
 * What a post has, and what is on offer; of a comment only what it has, and a button for more.
 * @param {{id: string, who: string}} found the post
 * @param {string} under it, or a comment
 * @param {Said[]} all
 * @param {() => void} load
 */
export function reacting(found, under, all, load) {
  const reactions = all.filter((each) => each.under === under);
  const mine = reactions.find((each) => isMe(each.who))?.text ?? "";
  const isPost = under === found.id;
  /** @type {Map<string, string[]>} */
  const who = new Map(isPost ? OFFERED.map((each) => [each, []]) : []);
  for (const each of reactions) who.set(each.text, [...(who.get(each.text) ?? []), each.who]);
  const react = (/** @type {string} */ what) =>
    attempt(async () => {
      const asked = { post: found.id, who: found.who, what: what === mine ? "" : what };
      await post("react", { ...asked, ...(!isPost && { under }) });
      load();
    });
  const offered = () =>
    OFFERED.map((what) => ({ said: what, chosen: what === mine, go: () => react(what) }));
  return h(
    "div",
    { class: "buttons" },
    [...who].map(([what, names]) => button(what, names, what === mine, () => react(what))),
    !isPost &&
      menuButton([icon("smile")], offered, { class: "icon-only", "aria-label": t("post.react") }),
  );
}

/**
 * @param {string} what
 * @param {string[]} names
 * @param {boolean} isMine
 * @param {() => unknown} go
 */
function button(what, names, isMine, go) {
  const props = { class: "reaction", "aria-pressed": String(isMine), title: names.join(", ") };
  return h(
    "button",
    { type: "button", onclick: go, ...props },
    plainReaction(what),
    names.length > 0 && h("span", {}, names.length),
  );
}

/** Emoji join with signs that names must not have. @param {string} what */
function plainReaction(what) {
  return OFFERED.includes(what) ? what : plainName(what);
}
