// @ts-check
/** One post with everything that was said to it, and what it said before. */

import { h } from "../base/dom.js";
import { moment, plainText } from "../base/look.js";
import { at, go } from "../base/routes.js";
import { t } from "../base/text.js";
import { events } from "../base/watch.js";
import { moreButton } from "../parts/menu.js";
import { subPage } from "../parts/page.js";
import { arriving, notice } from "../parts/states.js";
import { author, isMe } from "./author.js";
import { comment, writing } from "./comments.js";
import { body } from "./item.js";
import { ownChoices } from "./own.js";
import { reacting } from "./reactions.js";
import { whole } from "./whole.js";

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
  const all = await whole(id, who);
  const found = all.post;
  const gone = () => go(at("feed"));
  return [
    ...all.problems.map(notice),
    h(
      "article",
      { class: "card post" },
      author(
        found,
        found.edited ? t("post.edited") : "",
        ...(isMe(found.who) ? [moreButton(() => ownChoices(found.id, load, gone))] : []),
      ),
      body(found),
      earlier(found.before),
      reacting(found, found.id, all.reactions, load),
    ),
    all.comments.length > 0 &&
      h(
        "ul",
        { class: "comments" },
        all.comments.map((each) => comment(found, each, all.reactions, load)),
      ),
    writing(found, null, load),
  ];
}

/** What it said until it was changed, the newest first. @param {import("./whole.js").Before[]} before */
function earlier(before) {
  if (!before.length) return null;
  const lines = before
    .toReversed()
    .map(({ text, until }) =>
      h(
        "li",
        {},
        h("span", { class: "soft" }, t("post.until", { time: moment(until) })),
        h("p", { class: "said" }, plainText(text)),
      ),
    );
  return h(
    "details",
    {},
    h("summary", {}, t("post.before")),
    h("ol", { class: "stack earlier" }, lines),
  );
}
