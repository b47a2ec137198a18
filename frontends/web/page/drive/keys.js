// @ts-check
/** The keyboard in a folder. `settings/keyboard.js` tells people of it. */

import { isTyping } from "../base/dom.js";
import { folder, go } from "../base/routes.js";
import { parentOf, parts } from "../base/paths.js";
import { showMenu } from "../parts/menu.js";
import { attempt, undoLast } from "../parts/toast.js";
import * as actions from "./actions.js";
import { clipboard } from "./clipboard.js";
import { isTaken } from "./entries.js";
import { entryMenu } from "./entry_menu.js";
import { open } from "./opening.js";

const TOGETHER = 700;
/** Milliseconds between letters that are one word. */

/**
 * @param {import("./view.js").Shown} shown
 * @returns {() => void} stops it
 */
export function onKeys(shown) {
  const listener = (/** @type {KeyboardEvent} */ event) => {
    if (isTyping(event.target) || document.querySelector("dialog[open], .menu")) return;
    const inside = event.target === shown.box || event.target === document.body;
    const anywhere =
      event.ctrlKey || event.metaKey || ["Escape", "Delete", "F2"].includes(event.key);
    if ((inside || anywhere) && key(shown, event)) event.preventDefault(); // Enter and Space are of the button one is on
  };
  addEventListener("keydown", listener);
  return () => removeEventListener("keydown", listener);
}

/**
 * @param {import("./view.js").Shown} shown
 * @param {KeyboardEvent} event
 * @returns {boolean} whether it was for us
 */
function key(shown, event) {
  const { selection, entries } = shown;
  const command = event.ctrlKey || event.metaKey;
  const at = entries[selection.cursor];
  const chosen = selection.count ? selection.chosen : at ? [at] : [];
  const paths = chosen.map((each) => each.path);
  if (command) return commands(shown, event.key.toLowerCase(), paths);
  if (event.altKey && event.key === "ArrowUp") return up(shown.folder);
  if (event.altKey) return false;
  if (event.shiftKey && event.key === "F10") return menuAt(shown);
  if (event.key in STEPS && entries.length) {
    step(shown, STEPS[event.key](shown), event.shiftKey);
    return true;
  }
  switch (event.key) {
    case "Enter":
      if (at) open(at);
      return true;
    case " ":
      if (at) selection.toggle(selection.cursor);
      return true;
    case "Delete":
      if (paths.length && shown.writable) void attempt(() => actions.trash(paths));
      return true;
    case "Backspace":
      return up(shown.folder);
    case "F2":
      if (at && shown.writable) actions.rename(at, isTaken(shown));
      return true;
    case "Escape":
      selection.none();
      return true;
    case "ContextMenu":
      return menuAt(shown);
    default:
      return event.key.length === 1 && seek(shown, event.key);
  }
}

/** @type {Record<string, (shown: import("./view.js").Shown) => number>} */
const STEPS = {
  ArrowDown: ({ selection, list }) => selection.cursor + list.columns,
  ArrowUp: ({ selection, list }) => selection.cursor - list.columns,
  ArrowRight: ({ selection, list }) => selection.cursor + (list.columns > 1 ? 1 : 0),
  ArrowLeft: ({ selection, list }) => selection.cursor - (list.columns > 1 ? 1 : 0),
  PageDown: ({ selection, list }) => selection.cursor + list.columns * list.lines,
  PageUp: ({ selection, list }) => selection.cursor - list.columns * list.lines,
  Home: () => 0,
  End: ({ entries }) => entries.length - 1,
};

/**
 * @param {import("./view.js").Shown} shown
 * @param {number} to
 * @param {boolean} extending
 */
function step(shown, to, extending) {
  shown.box.classList.add("keyed");
  const index = Math.max(0, Math.min(shown.entries.length - 1, to));
  shown.list.reveal(index);
  if (extending) shown.selection.extend(index);
  else shown.selection.moveTo(index);
}

/**
 * @param {import("./view.js").Shown} shown
 * @param {string} letter
 * @param {string[]} paths
 */
function commands(shown, letter, paths) {
  if (letter === "a") shown.selection.all();
  else if (letter === "c" && paths.length) clipboard.take(paths, "copied");
  else if (letter === "x" && paths.length) clipboard.take(paths, "cut");
  else if (letter === "z") return undoLast();
  else return false; // pasting is an event of its own, in pointer.js
  return true;
}

/** @param {string} at */
function up(at) {
  if (parts(at).length) go(folder(parentOf(at)));
  return true;
}

/** @param {import("./view.js").Shown} shown */
function menuAt(shown) {
  const box = document.querySelector(".entries .here")?.getBoundingClientRect();
  const entry = shown.entries[shown.selection.cursor];
  if (box && entry) showMenu(entryMenu(shown, entry), box.left + 60, box.bottom, box);
  return true;
}

let typed = "";
let last = 0;

/**
 * The next entry that begins with what is typed.
 * @param {import("./view.js").Shown} shown
 * @param {string} letter
 */
function seek(shown, letter) {
  const now = performance.now();
  typed = now - last < TOGETHER ? typed + letter : letter;
  last = now;
  const start = shown.selection.cursor + (typed.length === 1 ? 1 : 0);
  const all = shown.entries;
  const wanted = typed.toLocaleLowerCase();
  for (let far = 0; far < all.length; far += 1) {
    const index = (start + far) % all.length;
    if (!all[index].name.toLocaleLowerCase().startsWith(wanted)) continue;
    step(shown, index, false);
    return true;
  }
  return false;
}
