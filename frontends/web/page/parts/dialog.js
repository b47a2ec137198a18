// @ts-check
/** Dialogs: the browser's own `<dialog>`, which keeps the focus and closes with Escape. */

import { asFailed, isAbort } from "../base/api.js";
import { fill, freshId, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { t } from "../base/text.js";
import { iconButton } from "./buttons.js";
import { keep } from "./focus.js";

/**
 * @typedef {object} Dialog
 * @property {HTMLElement} body
 * @property {() => void} close
 * @property {AbortSignal} signal told when it is closed
 */

/**
 * Open one.
 * @param {string} title
 * @param {import("../base/dom.js").Child[]} content
 * @param {{wide?: boolean}} [how]
 * @returns {Dialog}
 */
export function dialog(title, content, { wide = false } = {}) {
  const id = freshId();
  const body = h("div", { class: "dialog-body", tabindex: "-1" });
  fill(body, content);
  const element = h("dialog", {
    "aria-labelledby": id,
    class: wide ? "wide" : "",
  });
  const close = () => element.close();
  fill(
    element,
    h("header", {}, h("h2", { id }, title), iconButton("close", t("close"), { onclick: close })),
    body,
  );
  element.addEventListener("pointerdown", (event) => {
    if (event.target === element) close(); // outside of what is in it
  });
  document.body.append(element);
  element.showModal();
  const stop = new AbortController();
  element.addEventListener("close", () => {
    element.remove();
    keep();
    stop.abort();
  });
  return { body, close, signal: stop.signal };
}

/**
 * A form: fields, a line for what went wrong, one button. `work` is done when it is sent; while
 * it goes on the button waits, and what it throws is said in the form.
 * @param {import("../base/dom.js").Child[]} fields
 * @param {string} said on the button
 * @param {() => Promise<unknown>} work
 * @param {{icon?: import("../base/icons.js").IconName, danger?: boolean, more?: import("../base/dom.js").Child[]}} [how]
 */
export function form(fields, said, work, how = {}) {
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
  const button = h(
    "button",
    { class: how.danger ? "danger" : "primary" },
    how.icon && icon(how.icon),
    said,
  );
  const element = h(
    "form",
    { novalidate: true },
    fields,
    wrong,
    h("div", { class: "actions" }, how.more, button),
  );
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    element.setAttribute("aria-busy", "true");
    wrong.hidden = true;
    try {
      await work();
    } catch (thrown) {
      if (!isAbort(thrown)) {
        fill(wrong, asFailed(thrown).said);
        wrong.hidden = false;
      }
    } finally {
      button.disabled = false;
      element.removeAttribute("aria-busy");
    }
  });
  return element;
}

/**
 * Ask for a line of text.
 * @param {string} title
 * @param {{label: string, said: string, value?: string, selected?: number}} how `selected`: so many characters from the start
 * @param {(text: string) => Promise<unknown>} work
 */
export function askText(title, how, work) {
  const id = freshId();
  const field = h("input", {
    id,
    name: "text",
    autocomplete: "off",
    spellcheck: "false",
    required: true,
    value: how.value ?? "",
  });
  const asked = form([h("label", { for: id }, how.label), field], how.said, async () => {
    const text = field.value.trim();
    if (!text) return field.focus();
    await work(text);
    return shown.close();
  });
  const shown = dialog(title, [asked]);
  field.focus();
  field.setSelectionRange(0, how.selected ?? field.value.length);
  return shown;
}

/**
 * Ask for a text of several lines.
 * @param {string} title
 * @param {{label: string, said: string, value?: string}} how
 * @param {(text: string) => Promise<unknown>} work
 */
export function askLines(title, how, work) {
  const id = freshId();
  const area = h("textarea", { id, rows: 8, value: how.value ?? "" });
  const asked = form([h("label", { for: id }, how.label), area], how.said, async () => {
    const text = area.value.trim();
    if (!text) return area.focus();
    await work(text);
    return shown.close();
  });
  const shown = dialog(title, [asked], { wide: true });
  area.focus();
  return shown;
}
