// @ts-check
/** Menus: under a button, or where somebody pressed; arrow keys go through them. */

import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { t } from "../base/text.js";

/**
 * @typedef {object} Item
 * @property {string} said
 * @property {import("../base/icons.js").IconName} [icon]
 * @property {() => unknown} go
 * @property {boolean} [chosen] one of several, and whether it is the one
 * @property {boolean} [danger]
 * @property {boolean} [apart] a line above it
 */

/** @type {HTMLElement | null} */
let open = null;
/** @type {Element | null} */
let before = null;

/**
 * A button that opens a menu.
 * @param {import("../base/dom.js").Child[]} content
 * @param {() => Item[]} items
 * @param {Record<string, any>} [props]
 */
export function menuButton(content, items, props = {}) {
  const button = h("button", { type: "button", "aria-haspopup": "menu", ...props }, content);
  button.addEventListener("click", () => {
    const box = button.getBoundingClientRect();
    showMenu(items(), box.left, box.bottom + 4, box);
  });
  return button;
}

/**
 * The button with three dots: what else can be done.
 * @param {() => Item[]} items
 */
export function moreButton(items) {
  const props = { class: "icon-only", "aria-label": t("more"), title: t("more") };
  return menuButton([icon("more")], items, props);
}

/**
 * Show a menu.
 * @param {Item[]} items
 * @param {number} x
 * @param {number} y
 * @param {DOMRect} [beside] what it must not cover
 */
export function showMenu(items, x, y, beside) {
  close();
  before = document.activeElement;
  open = h("div", { class: "menu", role: "menu" }, items.map(entry));
  open.addEventListener("keydown", steer);
  (document.querySelector("dialog[open]:last-of-type") ?? document.body).append(open);
  const { width, height } = open.getBoundingClientRect();
  const left = Math.min(x, innerWidth - width - 8);
  const above = (beside?.top ?? y) - height - 4;
  const top =
    y + height > innerHeight - 8 && above > 0 ? above : Math.min(y, innerHeight - height - 8);
  open.style.left = `${Math.max(8, left)}px`;
  open.style.top = `${Math.max(8, top)}px`;
  /** @type {HTMLElement | null} */ (open.firstElementChild)?.focus();
  addEventListener("pointerdown", outside, true);
  addEventListener("resize", close);
}

/** @param {Item} item */
function entry(item) {
  const role = item.chosen === undefined ? "menuitem" : "menuitemradio";
  const mark =
    item.chosen === undefined
      ? item.icon && icon(item.icon)
      : icon("check", item.chosen ? "" : "unseen");
  const go = () => {
    close();
    item.go();
  };
  const classes = [item.danger && "danger", item.apart && "apart"].filter(Boolean).join(" ");
  const checked = item.chosen === undefined ? null : String(item.chosen);
  return h(
    "button",
    {
      type: "button",
      role,
      class: classes,
      "aria-checked": checked,
      onclick: go,
    },
    mark,
    item.said,
  );
}

/** Close what is open; the focus goes back. */
function close() {
  if (!open) return;
  const gone = open;
  open = null;
  gone.remove();
  removeEventListener("pointerdown", outside, true);
  removeEventListener("resize", close);
  if (before instanceof HTMLElement && before.isConnected) before.focus();
}

/** @param {Event} event */
function outside(event) {
  if (!open?.contains(/** @type {Node} */ (event.target))) close();
}

/** @param {KeyboardEvent} event */
function steer(event) {
  const all = [.../** @type {HTMLElement} */ (open).children];
  const now = all.indexOf(/** @type {Element} */ (document.activeElement));
  const to = {
    ArrowDown: now + 1,
    ArrowUp: now - 1 + all.length,
    Home: 0,
    End: all.length - 1,
  }[event.key];
  if (event.key === "Escape" || event.key === "Tab") close();
  else if (to === undefined) return;
  else /** @type {HTMLElement} */ (all[to % all.length]).focus();
  event.preventDefault();
  event.stopPropagation();
}
