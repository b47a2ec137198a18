// @ts-check
/** One file, shown: by what it is. `image.js`, `media.js`, `text.js` and the others show it. */

import { asFailed, list } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { plainName, size } from "../base/look.js";
import { parentOf } from "../base/paths.js";
import { file, go, whereIs } from "../base/routes.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { showDetails } from "../drive/details.js";
import { download } from "../drive/download.js";
import { chosenOrder, contentsOf, inOrder } from "../drive/entries.js";
import { share, versions } from "../drive/entry_menu.js";
import { kindOf } from "../drive/kinds.js";
import { toolButton, toolLink } from "../parts/buttons.js";
import { moreButton } from "../parts/menu.js";
import { arriving, empty } from "../parts/states.js";
import { attempt } from "../parts/toast.js";

/**
 * What shows a kind of file. It gives an element, perhaps buttons for the top, and says when it is left.
 * @typedef {object} Showing
 * @property {HTMLElement} element
 * @property {HTMLElement[]} [actions]
 * @property {() => void} [leave]
 * @property {() => boolean} [isUnsaved]
 */
/** @typedef {(entry: import("../drive/entries.js").Entry, signal: AbortSignal) => Promise<Showing>} Viewer */

/** Bytes up to which a text is shown: more is slow in any browser. */
const MOST_TEXT = 4_000_000;

/** @type {Partial<Record<import("../drive/kinds.js").Kind, () => Promise<Viewer>>>} */
const VIEWERS = {
  image: async () => (await import("./image.js")).showImage,
  video: async () => (await import("./media.js")).showMedia,
  audio: async () => (await import("./media.js")).showMedia,
  pdf: async () => (await import("./pdf.js")).showPdf,
  markdown: async () => (await import("./markdown_view.js")).showMarkdown,
  text: async () => (await import("./text.js")).showText,
};

/**
 * @param {import("../base/routes.js").Place} where
 * @returns {Promise<import("../shell/shell.js").View>}
 */
export async function fileView(where) {
  const path = `/${where.rest.join("/")}`;
  const [entry] = await list("stat", { paths: [path] }, "entry");
  const stop = new AbortController();
  const stage = h("div", { class: "stage" });
  const own = h("div", { class: "view-actions" });
  /** @type {Showing | null} */
  let showing = null;
  void arriving(stage, async () => {
    showing = await shown(entry, stop.signal);
    fill(own, showing.actions ?? [], buttons(entry));
    return showing.element;
  });
  fill(own, buttons(entry));
  const element = h(
    "section",
    { class: "view viewer" },
    h(
      "header",
      { class: "view-head" },
      toolLink("back", t("viewer.back"), whereIs(path)),
      h("h1", {}, h("bdi", {}, plainName(entry.name))),
      own,
    ),
    stage,
  );
  const stopKeys = onKeys(path, stop.signal);
  return {
    element,
    title: plainName(entry.name),
    leave: () => {
      stop.abort();
      stopKeys();
      showing?.leave?.();
    },
  };
}

/**
 * @param {import("../drive/entries.js").Entry} entry
 * @param {AbortSignal} signal
 * @returns {Promise<Showing>}
 */
async function shown(entry, signal) {
  const kind = kindOf(entry);
  const load = VIEWERS[kind];
  const tooLong = (kind === "text" || kind === "markdown") && entry.size > MOST_TEXT;
  if (load && !tooLong) return (await load())(entry, signal);
  const said = tooLong ? t("viewer.too_long", { size: size(entry.size) }) : t("viewer.none_said");
  const button = h(
    "button",
    {
      type: "button",
      class: "primary",
      onclick: () => attempt(() => download([entry])),
    },
    icon("download"),
    t("drive.download"),
  );
  return { element: empty("file", t("viewer.none"), said, button) };
}

/** @param {import("../drive/entries.js").Entry} entry */
function buttons(entry) {
  return [
    toolButton("download", t("drive.download"), () => attempt(() => download([entry]))),
    session.isMine(entry.path) && toolButton("shared", t("share.title"), () => share(entry)),
    moreButton(() => [
      {
        said: t("versions.title"),
        icon: "history",
        go: () => versions(entry),
      },
      {
        said: t("details.title"),
        icon: "info",
        go: () => showDetails(entry),
      },
    ]),
  ];
}

/**
 * Escape goes back to the folder; left and right to the file before and after, of the kinds that are shown whole.
 * @param {string} path
 * @param {AbortSignal} signal
 */
function onKeys(path, signal) {
  /** @type {Promise<string[]> | null} */
  let beside = null;
  const listener = async (/** @type {KeyboardEvent} */ event) => {
    const quiet =
      event.target === document.body ||
      event.target instanceof HTMLAnchorElement ||
      event.target instanceof HTMLButtonElement;
    if (!quiet || document.querySelector("dialog[open], .menu")) return;
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") return go(whereIs(path));
    if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
    beside ??= neighbours(path, signal);
    try {
      const all = await beside;
      const next = all[all.indexOf(path) + way];
      if (next) go(file(next), true);
    } catch (thrown) {
      asFailed(thrown); // there is no next one; this one stays
    }
  };
  addEventListener("keydown", listener);
  return () => removeEventListener("keydown", listener);
}

/**
 * @param {string} path
 * @param {AbortSignal} signal
 */
async function neighbours(path, signal) {
  const { entries } = await contentsOf(parentOf(path), signal);
  return inOrder(entries, chosenOrder())
    .filter((each) => kindOf(each) in VIEWERS)
    .map((each) => each.path);
}
