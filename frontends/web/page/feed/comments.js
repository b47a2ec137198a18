// @ts-check
/** What is said to a post: one comment with what can be done with it, and writing one. */

import { post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { ago, plainText } from "../base/look.js";
import { t } from "../base/text.js";
import { avatar } from "../parts/avatar.js";
import { askLines, form } from "../parts/dialog.js";
import { moreButton } from "../parts/menu.js";
import { attempt, tell } from "../parts/toast.js";
import { called, isMe } from "./author.js";
import { reacting } from "./reactions.js";

/** @typedef {import("./whole.js").Said} Said */
/** @typedef {{id: string, who: string}} Post */

const DEEPEST = 6;
/** As far as answers are moved in: a phone has no room for more. */

/**
 * @param {Post} found
 * @param {Said} each
 * @param {Said[]} reactions of all
 * @param {() => void} load
 */
export function comment(found, each, reactions, load) {
  const said = [
    ago(each.time),
    each.edits ? t("post.edited") : "",
    each.waiting ? t("comment.waiting") : "",
  ];
  const below = h("div", {});
  const answer = () => {
    fill(below, writing(found, each.id, load));
    below.querySelector("textarea")?.focus();
  };
  const may = isMe(each.who) || isMe(found.who);
  return h(
    "li",
    { style: { "--depth": Math.min(each.depth, DEEPEST) } },
    avatar(each.who),
    h(
      "div",
      { class: "grow" },
      h("strong", {}, called(each.who)),
      " ",
      h("span", { class: "soft" }, said.filter(Boolean).join(" · ")),
      h("p", { class: "said" }, plainText(each.text)),
      h(
        "div",
        { class: "comment-foot" },
        h("button", { type: "button", class: "plain", onclick: answer }, t("comment.answer")),
        reacting(found, each.id, reactions, load),
      ),
      below,
    ),
    may && moreButton(() => choices(found, each, load)),
  );
}

/**
 * Of one's own: another text, or none. Of others under one's own post: none.
 * @param {Post} found
 * @param {Said} each
 * @param {() => void} load
 * @returns {import("../parts/menu.js").Item[]}
 */
function choices(found, each, load) {
  const which = { post: found.id, comment: each.id, who: found.who };
  const how = { label: t("post.text"), said: t("editor.save"), value: each.text };
  const edit = () =>
    askLines(t("post.edit"), how, async (text) => {
      await post("comment/edit", { ...which, text });
      load();
    });
  const remove = () =>
    attempt(async () => {
      await post("comment/delete", which);
      load();
      tell(t("comment.deleted"));
    });
  const own = isMe(each.who)
    ? [{ said: t("post.edit"), icon: /** @type {const} */ ("edit"), go: edit }]
    : [];
  return [...own, { said: t("comment.delete"), icon: "trash", danger: true, go: remove }];
}

/**
 * @param {Post} found
 * @param {string | null} under a comment that is answered
 * @param {() => void} load
 */
export function writing(found, under, load) {
  const label = under ? t("comment.answer") : t("post.comment");
  const area = h("textarea", { rows: 2, "aria-label": label, placeholder: label });
  return form([area], t("comment.send"), async () => {
    const text = area.value.trim();
    if (!text) return area.focus();
    await post("comment/add", { post: found.id, who: found.who, text, ...(under && { under }) });
    load();
  });
}
