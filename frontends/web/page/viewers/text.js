// @ts-check
/** Text and code, which can be changed. What is saved never takes the place of another's change. */

import { fill, h } from "../base/dom.js";
import { plainName } from "../base/look.js";
import { nameOf } from "../base/paths.js";
import { t } from "../base/text.js";
import { attempt, tell } from "../parts/toast.js";
import { textOf } from "./content.js";
import { save } from "./saving.js";

const TAB = "\t";

/** @type {import("./view.js").Viewer} */
export async function showText(entry, signal) {
  const { text, isText } = await textOf(entry, signal);
  const area = h("textarea", {
    class: "text",
    spellcheck: "false",
    readonly: !isText,
    "aria-label": plainName(entry.name),
    value: text,
  });
  const state = h("p", { role: "status", class: "soft" });
  const button = h(
    "button",
    { type: "button", class: "primary", disabled: true },
    t("editor.save"),
  );
  let kept = text;
  let now = entry;
  const isUnsaved = () => area.value !== kept;
  const show = () => {
    button.disabled = !isUnsaved();
    fill(state, isUnsaved() ? t("editor.unsaved") : isText ? "" : t("editor.not_utf8"));
  };
  const write = () =>
    attempt(async () => {
      const text = area.value;
      const saved = await save(now, text);
      kept = text;
      now = { ...now, path: saved.path, modified: saved.modified };
      show();
      tell(
        saved.beside
          ? t("editor.beside", { name: plainName(nameOf(saved.path)) })
          : t("editor.saved"),
      );
    });
  button.addEventListener("click", write);
  area.addEventListener("input", show);
  area.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      if (isUnsaved()) void write();
    } else if (event.key === "Tab" && event.altKey) {
      event.preventDefault();
      area.setRangeText(TAB, area.selectionStart, area.selectionEnd, "end");
      show();
    }
  });
  const guard = (/** @type {BeforeUnloadEvent} */ event) => isUnsaved() && event.preventDefault();
  addEventListener("beforeunload", guard);
  show();
  const leave = () => {
    removeEventListener("beforeunload", guard);
    if (isUnsaved()) void write(); // one who goes elsewhere has not lost what was typed: the version before is kept
  };
  return {
    element: h("div", { class: "editor" }, area),
    actions: isText ? [state, button] : [state],
    leave,
    isUnsaved,
  };
}
