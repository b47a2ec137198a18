// @ts-check
/**
 * START HERE for the drive: one folder, shown.
 *
 *     entries.js  what is in it      selection.js  what is chosen      rows.js  how it looks
 *     keys.js, pointer.js            what the person does with it
 *     toolbar.js, entry_menu.js      what can be done, which is in actions.js
 *     uploads.js                     what is on its way in
 */

import { asFailed } from "../base/api.js";
import { chosen, choose } from "../base/choices.js";
import { fill, h } from "../base/dom.js";
import { ago, plainName } from "../base/look.js";
import { nameOf, parentOf } from "../base/paths.js";
import * as session from "../base/session.js";
import { later } from "../base/signal.js";
import { t } from "../base/text.js";
import { events } from "../base/watch.js";
import { giveBack } from "../parts/focus.js";
import { empty, failed } from "../parts/states.js";
import { VirtualList } from "../parts/virtual.js";
import { changed } from "./actions.js";
import { clipboard } from "./clipboard.js";
import { chooseOrder, chosenOrder, contentsOf, inOrder, isInner } from "./entries.js";
import { onKeys } from "./keys.js";
import { onPointer } from "./pointer.js";
import { restand, row, rowId, tile } from "./rows.js";
import { mayChange } from "./rights.js";
import { Selection } from "./selection.js";
import { sortHead, toolbar } from "./toolbar.js";

const LIST = { height: 46, width: 0 };
const GRID = { height: 184, width: 158 };

/**
 * @typedef {object} Shown
 * @property {string} folder
 * @property {import("./entries.js").Entry[]} entries in the order shown
 * @property {Selection} selection
 * @property {VirtualList} list
 * @property {HTMLElement} box the list itself
 * @property {import("./entries.js").Order} order
 * @property {boolean} writable whether this person may change what is in it
 * @property {"list" | "grid"} look
 * @property {Set<string>} fresh paths of what came just now
 * @property {(order: import("./entries.js").Order) => void} sort
 * @property {(look: "list" | "grid") => void} showAs
 */

/**
 * @param {import("../base/routes.js").Place} where
 * @returns {import("../shell/shell.js").View}
 */
export function driveView(where) {
  const folder = `/${where.rest.join("/")}`;
  const stop = new AbortController();
  const box = h("div", {
    class: "entries",
    role: "listbox",
    "aria-multiselectable": "true",
    "aria-label": t("drive.list", { name: plainName(nameOf(folder)) }),
    tabindex: 0,
  });
  const notice = h("div", { class: "notices" });
  const blank = h("div", { class: "blank" });
  const selection = new Selection();
  const list = new VirtualList(box, (index) => draw(shown, index));
  /** @type {Shown} */
  const shown = {
    folder,
    entries: [],
    selection,
    list,
    box,
    order: chosenOrder(),
    writable: session.isMine(folder),
    look: chosen("look", "list") === "grid" ? "grid" : "list",
    fresh: new Set(),
    sort,
    showAs,
  };
  const head = h("div", { class: "sort-head" });
  const bar = toolbar(shown);
  const element = h("section", { class: "view drive" }, bar.element, notice, head, box, blank);
  let wanted = new Set(where.asked.getAll("show"));

  function sort(/** @type {import("./entries.js").Order} */ next) {
    shown.order = next;
    chooseOrder(next);
    arrange(shown.entries);
    list.reveal(selection.cursor);
  }
  function showAs(/** @type {"list" | "grid"} */ look) {
    shown.look = look;
    choose("look", look);
    box.classList.toggle("grid", look === "grid");
    list.setLayout(look === "grid" ? GRID : LIST);
    head.hidden = look === "grid";
    bar.update();
  }
  function arrange(/** @type {import("./entries.js").Entry[]} */ entries) {
    shown.entries = inOrder(entries, shown.order);
    selection.over(shown.entries);
    fill(head, sortHead(shown));
    list.setCount(shown.entries.length);
    const first = wanted.size ? shown.entries.findIndex((each) => wanted.has(each.path)) : -1;
    if (first >= 0) {
      shown.fresh = wanted;
      wanted = new Set();
      list.reveal(first);
      selection.moveTo(first);
    }
  }
  const load = async () => {
    loadLater.stop(); // what it would look for is seen by this one, too
    try {
      const found = await contentsOf(folder, stop.signal, (some) =>
        arrange(some.entries.filter((each) => !isInner(each.path))),
      );
      arrange(found.entries.filter((each) => !isInner(each.path)));
      fill(
        notice,
        found.away &&
          h(
            "p",
            { class: "notice" },
            t("drive.away", {
              who: found.away.who,
              time: ago(found.away.time),
            }),
          ),
        found.problems.map((each) => h("p", { class: "notice bad" }, each.said)),
      );
      fill(blank, !shown.entries.length && emptyFolder(shown));
      const hadFocus = box.contains(document.activeElement);
      box.hidden = !shown.entries.length;
      if (hadFocus && box.hidden) giveBack();
      head.hidden = !shown.entries.length || shown.look === "grid";
    } catch (thrown) {
      if (stop.signal.aborted) return;
      box.hidden = true;
      fill(blank, failed(asFailed(thrown), load));
    }
  };
  const loadSoon = later(load, 120);
  const loadLater = later(load, 700);
  const leaving = [
    changed.on(({ folders, show }) => {
      if (!folders.includes(folder) && !folders.some((each) => parentOf(each) === folder)) return;
      wanted = new Set(show);
      loadSoon();
    }),
    selection.changed.on(() => {
      list.each((element, index) => restand(element, standing(shown, index)));
      box.setAttribute("aria-activedescendant", rowId(selection.cursor));
      bar.update();
    }),
    events.on(({ kind }) => {
      if (kind === "changed" && session.isMine(folder)) loadLater(); // by this page, or another device
    }),
    clipboard.changed.on(() =>
      list.each((element, index) => restand(element, standing(shown, index))),
    ),
    onKeys(shown),
    onPointer(shown, element),
  ];
  showAs(shown.look);
  void mayChange(folder).then((may) => {
    shown.writable = may;
    bar.update();
  });
  void load().then(
    () => box.isConnected && document.activeElement === document.body && box.focus(),
  );
  return {
    element,
    title: plainName(nameOf(folder)),
    leave: () => {
      stop.abort();
      list.leave();
      for (const each of leaving) each();
    },
  };
}

/**
 * @param {Shown} shown
 * @param {number} index
 */
function draw(shown, index) {
  const entry = shown.entries[index];
  return shown.look === "grid"
    ? tile(entry, standing(shown, index))
    : row(entry, standing(shown, index));
}

/**
 * @param {Shown} shown
 * @param {number} index
 * @returns {import("./rows.js").Standing}
 */
function standing(shown, index) {
  const path = shown.entries[index]?.path ?? ""; // fewer may be there by now
  return {
    index,
    count: shown.entries.length,
    chosen: shown.selection.has(index),
    here: shown.selection.cursor === index,
    cut: clipboard.isCut(path),
    fresh: shown.fresh.has(path),
  };
}

/** @param {Shown} shown */
function emptyFolder({ folder, writable }) {
  if (folder === "/") return empty("files", t("drive.nobody"), t("drive.nobody_said"));
  return empty(
    writable ? "upload" : "files",
    t("drive.empty"),
    writable ? t("drive.empty_said") : t("drive.empty_theirs"),
  );
}
