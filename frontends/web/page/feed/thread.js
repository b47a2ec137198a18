// @ts-check
/** One post with everything that was said to it. */

import { Failed, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { ago, plainName, plainText } from "../base/look.js";
import { at } from "../base/routes.js";
import { t } from "../base/text.js";
import { events } from "../base/watch.js";
import { avatar } from "../parts/avatar.js";
import { toolButton } from "../parts/buttons.js";
import { form } from "../parts/dialog.js";
import { subPage } from "../parts/page.js";
import { arriving, notice } from "../parts/states.js";
import { attempt, tell } from "../parts/toast.js";
import { author, called, isMe } from "./author.js";
import { body } from "./item.js";

const OFFERED = ["👍", "❤️", "😂", "😮", "🎉"];

/** @typedef {{id: string, under: string, who: string, text: string, time: number, edits: number, depth: number, waiting: boolean}} Said */

/**
 * @param {string} id
 * @param {string} [who]
 * @returns {import("../shell/shell.js").View}
 */
export function threadView(id, who) {
  const place = h("div", { class: "stack wide-gaps" });
  const load = () => arriving(place, () => thread(id, who, load));
  void load();
  const leave = events.on(
    ({ kind, value }) => kind === "notification" && value.post === id && void load(),
  );
  return {
    element: subPage(t("post.title"), at("feed"), place),
    title: t("post.title"),
    leave,
  };
}

/**
 * @param {string} id
 * @param {string | undefined} who
 * @param {() => void} load
 */
async function thread(id, who, load) {
  /** @type {any} */
  let found = null;
  /** @type {Said[]} */
  const comments = [];
  /** @type {Said[]} */
  const reactions = [];
  /** @type {Failed[]} */
  const problems = [];
  const line = (/** @type {string} */ kind, /** @type {any} */ value) => {
    if (kind === "post") found = value;
    else if (kind === "comment") comments.push(value);
    else if (kind === "reaction") reactions.push(value);
    else if (kind === "problem") problems.push(new Failed(value));
  };
  await post("post/show", { post: id, ...(who && { who }) }, { line });
  return [
    ...problems.map(notice),
    h(
      "article",
      { class: "card post" },
      author(found),
      body(found),
      reacting(
        found,
        reactions.filter((each) => each.under === found.id),
        load,
      ),
    ),
    comments.length > 0 &&
      h(
        "ul",
        { class: "comments" },
        comments.map((each) => comment(found, each, load)),
      ),
    writing(found, load),
  ];
}

/**
 * @param {any} found
 * @param {Said[]} reactions
 * @param {() => void} load
 */
function reacting(found, reactions, load) {
  const mine = reactions.find((each) => isMe(each.who))?.text ?? "";
  /** @type {Map<string, string[]>} */
  const all = new Map(OFFERED.map((each) => [each, []]));
  for (const each of reactions) all.set(each.text, [...(all.get(each.text) ?? []), each.who]);
  const react = (/** @type {string} */ what) =>
    attempt(async () => {
      await post("react", {
        post: found.id,
        who: found.who,
        what: what === mine ? "" : what,
      });
      load();
    });
  const buttons = [...all].map(([what, names]) =>
    h(
      "button",
      {
        type: "button",
        class: "reaction",
        "aria-pressed": String(what === mine),
        title: names.join(", "),
        onclick: () => react(what),
      },
      plainReaction(what),
      names.length > 0 && h("span", {}, names.length),
    ),
  );
  return h("div", { class: "buttons" }, buttons);
}

/** Emoji join with signs that names must not have. @param {string} what */
function plainReaction(what) {
  return OFFERED.includes(what) ? what : plainName(what);
}

/**
 * @param {any} found
 * @param {Said} each
 * @param {() => void} load
 */
function comment(found, each, load) {
  const remove = () =>
    attempt(async () => {
      await post("comment/delete", {
        post: found.id,
        comment: each.id,
        who: found.who,
      });
      load();
      tell(t("comment.deleted"));
    });
  const may = isMe(each.who) || isMe(found.who);
  const said = [
    ago(each.time),
    each.edits ? t("post.edited") : "",
    each.waiting ? t("comment.waiting") : "",
  ]
    .filter(Boolean)
    .join(" · ");
  return h(
    "li",
    { style: { "--depth": Math.min(each.depth, 6) } },
    avatar(each.who),
    h(
      "div",
      { class: "grow" },
      h("strong", {}, called(each.who)),
      " ",
      h("span", { class: "soft" }, said),
      h("p", { class: "said" }, plainText(each.text)),
    ),
    may && toolButton("trash", t("comment.delete"), remove),
  );
}

/**
 * @param {any} found
 * @param {() => void} load
 */
function writing(found, load) {
  const area = h("textarea", {
    rows: 2,
    "aria-label": t("post.comment"),
    placeholder: t("post.comment"),
  });
  return form([area], t("comment.send"), async () => {
    if (!area.value.trim()) return area.focus();
    await post("comment/add", {
      post: found.id,
      who: found.who,
      text: area.value.trim(),
    });
    load();
  });
}
