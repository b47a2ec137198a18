// @ts-check
/** Writing a post, for the people and circles that are chosen. */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { form } from "../parts/dialog.js";
import { tick } from "../parts/fields.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";
import { audience, called } from "../sharing/audience.js";

/** @param {() => void} load called when it was posted */
export function compose(load) {
  const area = h("textarea", {
    rows: 2,
    "aria-label": t("post.write"),
    placeholder: t("post.write"),
  });
  const place = h("div", {});
  /** @type {{name: string, made: import("../parts/fields.js").Field}[]} */
  let choices = [];
  void arriving(place, async () => {
    const all = await audience();
    choices = all.map((each) => ({ name: each.name, made: tick(called(each), false) }));
    if (!choices.length) return h("p", { class: "help" }, t("post.nobody"));
    return h(
      "fieldset",
      { class: "audience" },
      h("legend", {}, t("post.for")),
      choices.map(({ made }) => made.element),
    );
  });
  const sent = form([area, place], t("post.send"), async () => {
    const to = choices.filter(({ made }) => made.input.checked).map(({ name }) => name);
    if (!area.value.trim()) return area.focus();
    await post("post/new", { text: area.value.trim(), to });
    area.value = "";
    tell(t("post.sent"));
    load();
  });
  return h("section", { class: "card compose", "aria-label": t("post.write") }, sent);
}
