// @ts-check
/** A post of one's own: giving it another text, taking it away. */

import { post } from "../base/api.js";
import { t } from "../base/text.js";
import { askLines } from "../parts/dialog.js";
import { attempt, tell } from "../parts/toast.js";
import { whole } from "./whole.js";

/**
 * @param {string} id
 * @param {() => void} load
 * @param {() => void} gone called when it was taken away
 * @returns {import("../parts/menu.js").Item[]}
 */
export function ownChoices(id, load, gone) {
  const edit = async () => {
    const { text } = (await whole(id)).post; // the feed may have its beginning alone
    const how = { label: t("post.text"), said: t("editor.save"), value: text };
    askLines(t("post.edit"), how, async (said) => {
      await post("post/edit", { post: id, text: said });
      load();
    });
  };
  const remove = async () => {
    await post("post/delete", { post: id });
    gone();
    tell(t("post.deleted"));
  };
  return [
    { said: t("post.edit"), icon: "edit", go: () => attempt(edit) },
    { said: t("post.delete"), icon: "trash", danger: true, go: () => attempt(remove) },
  ];
}
