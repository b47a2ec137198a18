// @ts-check
/** One thing in the feed: a post, or something that was shared. */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { count, plainName } from "../base/look.js";
import { nameOf } from "../base/paths.js";
import { at } from "../base/routes.js";
import { t } from "../base/text.js";
import { linked } from "../drive/linked.js";
import { moreButton } from "../parts/menu.js";
import { attempt, tell, undoing } from "../parts/toast.js";
import { read } from "../viewers/markdown.js";
import { rendered } from "../viewers/rendered.js";
import { author, isMe } from "./author.js";
import { media } from "./media.js";
import { ownChoices } from "./own.js";

/**
 * @typedef {object} Item
 * @property {string} id
 * @property {string} who
 * @property {number} time
 * @property {string} path
 * @property {boolean} new
 * @property {boolean} [hidden]
 * @property {string} [text] of a post
 * @property {string} [kind] of what was shared
 * @property {number} [size]
 * @property {boolean} [cut]
 * @property {number} [comments]
 * @property {number | null} [edited]
 * @property {{what: string, count: number}[]} [reactions]
 * @property {import("./media.js").Medium[]} [media]
 */

/**
 * @param {Item} each
 * @param {() => void} load
 */
export function item(each, load) {
  const isPost = each.text !== undefined;
  return h(
    "article",
    { class: each.new ? "card post new" : "card post" },
    author(
      each,
      each.edited ? t("post.edited") : "",
      moreButton(() => choices(each, load)),
    ),
    isPost ? body(each) : sharedThing(each),
    isPost && foot(each),
  );
}

/**
 * What can be done with it. A post of one's own is changed and taken away; anything else is hidden.
 * @param {Item} each
 * @param {() => void} load
 * @returns {import("../parts/menu.js").Item[]}
 */
function choices(each, load) {
  if (isMe(each.who) && each.text !== undefined) return ownChoices(each.id, load, load);
  const hide = (/** @type {boolean} */ hidden) => async () => {
    await post("feed/hide", { post: each.id, hidden });
    load();
    tell(hidden ? t("post.hidden") : t("post.unhidden"), undoing(hide(!hidden)));
  };
  if (each.hidden) return [{ said: t("post.unhide"), icon: "eye", go: () => attempt(hide(false)) }];
  return [{ said: t("post.hide"), icon: "close", go: () => attempt(hide(true)) }];
}

/** @param {Item} each */
export function body(each) {
  return h(
    "div",
    { class: "post-body prose" },
    rendered(read(each.text ?? "")),
    each.cut && h("a", { href: at("feed", [each.id, each.who]) }, t("post.whole")),
    media(each.media ?? []),
  );
}

/** @param {Item} each */
function sharedThing(each) {
  const thing = {
    path: each.path,
    name: nameOf(each.path),
    kind: /** @type {"file"} */ (each.kind),
    size: each.size ?? 0,
  };
  return linked(thing, isMe(each.who) ? t("feed.you_shared") : t("feed.shared"));
}

/** @param {Item} each */
function foot(each) {
  const reactions = (each.reactions ?? []).map(({ what, count: many }) =>
    h("span", { class: "badge" }, `${plainName(what)} ${count(many)}`),
  );
  return h(
    "footer",
    { class: "post-foot" },
    reactions,
    h(
      "a",
      { class: "button plain", href: at("feed", [each.id, each.who]) },
      icon("comment"),
      each.comments ? t("post.comments", { count: each.comments }) : t("post.comment"),
    ),
  );
}
