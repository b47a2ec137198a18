// @ts-check
/** Writing a post, with files or without, for the people and circles that are chosen. */

import { Failed, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { form } from "../parts/dialog.js";
import { tick } from "../parts/fields.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";
import { EVERYBODY, audience, called } from "../sharing/audience.js";
import { attachments } from "./attachments.js";

/** @param {() => void} load called when it was posted */
export function compose(load) {
  const area = h("textarea", {
    rows: 2,
    "aria-label": t("post.write"),
    placeholder: t("post.write"),
  });
  const place = h("div", {});
  const files = attachments();
  area.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    files.paste(event.clipboardData);
  });
  /** @type {{name: string, made: import("../parts/fields.js").Field}[]} */
  let choices = [];
  let isForNobody = false;
  void arriving(place, async () => {
    const all = await audience();
    choices = all.map((each) => ({ name: each.name, made: tick(called(each), false) }));
    isForNobody = !choices.length;
    if (isForNobody) return h("p", { class: "help" }, t("post.nobody"));
    return h(
      "fieldset",
      { class: "audience" },
      h("legend", {}, t("post.for")),
      choices.map(({ made }) => made.element),
    );
  });
  const sent = form([area, files.element, place], t("post.send"), async () => {
    const chosen = choices.filter(({ made }) => made.input.checked).map(({ name }) => name);
    if (!area.value.trim()) return area.focus();
    const to = isForNobody ? [EVERYBODY] : chosen;
    if (!to.length) throw new Failed({ kind: "Usage", message: t("post.choose") });
    await post("post/new", { text: area.value.trim(), to, copies: await files.paths() });
    area.value = "";
    files.clear();
    tell(t("post.sent"));
    load();
  });
  return h("section", { class: "card compose", "aria-label": t("post.write") }, sent);
}
