// @ts-check
/** Markdown: as it is meant, and as it was written, to be changed. */

import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { t } from "../base/text.js";
import { read } from "./markdown.js";
import { rendered } from "./rendered.js";
import { showText } from "./text.js";

/** @type {import("./view.js").Viewer} */
export async function showMarkdown(entry, signal) {
  const editor = await showText(entry, signal);
  const area = /** @type {HTMLTextAreaElement} */ (editor.element.querySelector("textarea"));
  const shown = h("article", { class: "prose" });
  const element = h("div", { class: "editor" });
  let writing = !area.value;
  const button = h("button", { type: "button" });
  const show = () => {
    if (!writing) fill(shown, rendered(read(area.value)));
    fill(element, writing ? editor.element : shown);
    fill(
      button,
      icon(writing ? "eye" : "edit"),
      h("span", {}, t(writing ? "editor.read" : "editor.write")),
    );
    button.setAttribute("aria-label", t(writing ? "editor.read" : "editor.write"));
  };
  button.addEventListener("click", () => {
    writing = !writing;
    show();
    if (writing) area.focus();
  });
  show();
  return { ...editor, element, actions: [...(editor.actions ?? []), button] };
}
