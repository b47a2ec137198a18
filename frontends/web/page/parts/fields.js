// @ts-check
/** Fields of forms: a label, what is asked, and what it is for. */

import { freshId, h } from "../base/dom.js";
import { t } from "../base/text.js";
import { iconButton } from "./buttons.js";

/**
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {HTMLInputElement} input
 */

/**
 * @param {string} label
 * @param {Record<string, any>} props of the input
 * @param {string} [help]
 * @returns {Field}
 */
export function field(label, props, help) {
  const id = freshId();
  const note = help ? h("p", { class: "help", id: `${id}-help` }, help) : null;
  const input = h("input", {
    id,
    "aria-describedby": note && note.id,
    ...props,
  });
  return {
    element: h("div", { class: "field" }, h("label", { for: id }, label), input, note),
    input,
  };
}

/**
 * Text of several lines.
 * @param {string} label
 * @param {Record<string, any>} props of the area
 * @param {string} [help]
 * @returns {{element: HTMLElement, input: HTMLTextAreaElement}}
 */
export function lines(label, props, help) {
  const id = freshId();
  const note = help ? h("p", { class: "help", id: `${id}-help` }, help) : null;
  const input = h("textarea", { id, rows: 3, "aria-describedby": note && note.id, ...props });
  return {
    element: h("div", { class: "field" }, h("label", { for: id }, label), input, note),
    input,
  };
}

/**
 * A password, which can be looked at.
 * @param {string} label
 * @param {"current-password" | "new-password"} kind
 * @param {string} [help]
 * @returns {Field}
 */
export function password(label, kind, help) {
  const made = field(label, { type: "password", autocomplete: kind, required: true }, help);
  const button = iconButton("eye", t("password.show"), { "aria-pressed": "false" });
  button.addEventListener("click", () => {
    const seen = made.input.type === "text";
    made.input.type = seen ? "password" : "text";
    button.setAttribute("aria-pressed", String(!seen));
  });
  const together = h("div", { class: "together" });
  made.input.replaceWith(together);
  together.append(made.input, button);
  return made;
}

/**
 * Yes or no.
 * @param {string} label
 * @param {boolean} checked
 * @param {string} [help]
 * @returns {Field}
 */
export function tick(label, checked, help) {
  const id = freshId();
  const input = h("input", { type: "checkbox", id, checked });
  const text = h("label", { for: id }, label, help && h("span", { class: "help" }, help));
  return { element: h("div", { class: "tick" }, input, text), input };
}

/**
 * One of several, all of them seen. `chosen()` is the one that it is now.
 * @template {string} T
 * @param {string} label
 * @param {{value: T, said: string, help?: string}[]} options the first is chosen
 * @param {(value: T) => unknown} [go]
 */
export function oneOf(label, options, go) {
  const name = freshId();
  let now = options[0].value;
  const ticks = options.map(({ value, said, help }) => {
    const id = freshId();
    const input = h("input", { type: "radio", id, name, checked: value === now });
    input.addEventListener("change", () => {
      now = value;
      go?.(value);
    });
    const text = h("label", { for: id }, said, help && h("span", { class: "help" }, help));
    return h("div", { class: "tick" }, input, text);
  });
  return {
    element: h("fieldset", { class: "one-of" }, h("legend", {}, label), ticks),
    chosen: () => now,
  };
}

/**
 * One of several.
 * @template {string} T
 * @param {string} label
 * @param {Record<T, string>} options
 * @param {T} chosen
 * @param {(value: T) => unknown} go
 */
export function choice(label, options, chosen, go) {
  const id = freshId();
  const all = Object.entries(options).map(([value, said]) =>
    h("option", { value, selected: value === chosen }, /** @type {string} */ (said)),
  );
  const select = h("select", { id }, all);
  select.addEventListener("change", () => go(/** @type {T} */ (select.value)));
  return h("div", { class: "field" }, h("label", { for: id }, label), select);
}
