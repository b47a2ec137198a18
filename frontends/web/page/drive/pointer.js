// @ts-check
/** Mouse, finger, dragging and pasting in a folder. */

import { isTyping } from "../base/dom.js";
import { isWithin, parentOf } from "../base/paths.js";
import { t } from "../base/text.js";
import { showMenu } from "../parts/menu.js";
import { attempt } from "../parts/toast.js";
import { copyTo, moveTo } from "./actions.js";
import { clipboard } from "./clipboard.js";
import { OURS, dropped, pasted } from "./drop.js";
import { isFolder, isTaken } from "./entries.js";
import { entryMenu } from "./entry_menu.js";
import { open } from "./opening.js";
import { upload } from "./uploads.js";

/**
 * @param {import("./view.js").Shown} shown
 * @param {HTMLElement} element of the whole view
 * @returns {() => void} stops it
 */
export function onPointer(shown, element) {
  shown.box.addEventListener("click", (event) => click(shown, event));
  shown.box.addEventListener("dblclick", (event) => {
    const index = indexAt(event);
    if (index !== null && !event.ctrlKey && !event.shiftKey) open(shown.entries[index]);
  });
  shown.box.addEventListener("contextmenu", (event) => menu(shown, event));
  shown.box.addEventListener("dragstart", (event) => drag(shown, event));
  element.addEventListener("dragover", (event) => over(shown, event));
  element.addEventListener("dragleave", () => mark(null));
  element.addEventListener("drop", (event) => drop(shown, event));
  const paste = (/** @type {ClipboardEvent} */ event) => put(shown, event);
  addEventListener("paste", paste);
  return () => removeEventListener("paste", paste);
}

/** @param {Event} event */
function indexAt(event) {
  const found = /** @type {HTMLElement | null} */ (
    /** @type {Element} */ (event.target).closest("[data-index]")
  );
  return found ? Number(found.dataset.index) : null;
}

/**
 * @param {import("./view.js").Shown} shown
 * @param {MouseEvent} event
 */
function click(shown, event) {
  shown.box.classList.remove("keyed");
  const index = indexAt(event);
  const { selection } = shown;
  if (index === null) return selection.none();
  const what = /** @type {HTMLElement | null} */ (
    /** @type {Element} */ (event.target).closest("[data-do]")
  )?.dataset.do;
  if (what === "menu") return menu(shown, event);
  if (what === "toggle" || event.ctrlKey || event.metaKey) return selection.toggle(index);
  if (event.shiftKey) return selection.extend(index);
  if (/** @type {PointerEvent} */ (event).pointerType === "touch")
    return selection.count ? selection.toggle(index) : open(shown.entries[index]);
  return selection.only(index);
}

/**
 * @param {import("./view.js").Shown} shown
 * @param {MouseEvent} event
 */
function menu(shown, event) {
  const index = indexAt(event);
  if (index === null) return;
  event.preventDefault();
  if (!shown.selection.has(index)) shown.selection.only(index);
  showMenu(entryMenu(shown, shown.entries[index]), event.clientX, event.clientY);
}

/**
 * @param {import("./view.js").Shown} shown
 * @param {DragEvent} event
 */
function drag(shown, event) {
  const index = indexAt(event);
  if (index === null || !event.dataTransfer) return;
  if (!shown.selection.has(index)) shown.selection.only(index);
  event.dataTransfer.setData(OURS, JSON.stringify(shown.selection.chosen.map((each) => each.path)));
  event.dataTransfer.effectAllowed = "copyMove";
}

/**
 * Where something would go that is let go of here.
 * @param {import("./view.js").Shown} shown
 * @param {DragEvent} event
 * @returns {{folder: string, element: Element | null}}
 */
function target(shown, event) {
  const at = /** @type {Element} */ (event.target);
  const crumb = /** @type {HTMLElement | null} */ (at.closest("[data-path]"));
  if (crumb) return { folder: crumb.dataset.path ?? shown.folder, element: crumb };
  const index = indexAt(event);
  const entry = index === null ? undefined : shown.entries[index];
  if (entry && isFolder(entry)) return { folder: entry.path, element: at.closest("[data-index]") };
  return { folder: shown.folder, element: shown.box };
}

/**
 * @param {import("./view.js").Shown} shown
 * @param {DragEvent} event
 */
function over(shown, event) {
  const types = event.dataTransfer?.types ?? [];
  if (!types.includes("Files") && !types.includes(OURS)) return;
  event.preventDefault();
  mark(target(shown, event).element);
}

/** @type {Element | null} */
let marked = null;

/** @param {Element | null} element */
function mark(element) {
  if (marked === element) return;
  marked?.classList.remove("under");
  element?.classList.add("under");
  marked = element;
}

/**
 * @param {import("./view.js").Shown} shown
 * @param {DragEvent} event
 */
function drop(shown, event) {
  const data = event.dataTransfer;
  if (!data) return;
  event.preventDefault();
  mark(null);
  const { folder } = target(shown, event);
  if (data.types.includes(OURS)) {
    /** @type {string[]} */
    const paths = JSON.parse(data.getData(OURS));
    const fit = paths.filter((each) => !isWithin(folder, each));
    if (fit.length) void attempt(() => (event.ctrlKey ? copyTo(fit, folder) : moveTo(fit, folder)));
    return;
  }
  const found = dropped(data);
  void attempt(async () => {
    const { files, empty } = await found;
    await upload(folder, files, empty);
  });
}

/**
 * @param {import("./view.js").Shown} shown
 * @param {ClipboardEvent} event
 */
function put(shown, event) {
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const files = event.clipboardData
    ? pasted(event.clipboardData, t("drive.pasted"), isTaken(shown))
    : [];
  if (files.length) return void attempt(() => upload(shown.folder, files));
  const { paths, how } = clipboard;
  if (!paths.length) return undefined;
  if (how === "copied") return void attempt(() => copyTo(paths, shown.folder));
  clipboard.take([], "copied");
  if (paths.every((each) => parentOf(each) === shown.folder)) return undefined;
  return void attempt(() => moveTo(paths, shown.folder));
}
