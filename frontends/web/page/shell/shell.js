// @ts-check
/** The frame around every view: where one can go, search, what is new, the account, the room left. */

import { asFailed } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { MARK, icon } from "../base/icons.js";
import { at, folder, read } from "../base/routes.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { watch } from "../base/watch.js";
import { failed } from "../parts/states.js";
import { keepFilesOut } from "../drive/drop.js";
import { uploadsPanel } from "../drive/uploads_panel.js";
import { accountButton } from "./account.js";
import { bell } from "./bell.js";
import { searchField } from "./search.js";
import { spaceMeter } from "./space.js";

/**
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {string} title
 * @property {() => void} [leave] called when it is not shown any more
 */
/** @typedef {(place: import("../base/routes.js").Place) => View | Promise<View>} Opening */

/** @type {Record<string, () => Promise<Opening>>} what each word of an address opens */
const VIEWS = {
  files: async () => (await import("../drive/view.js")).driveView,
  open: async () => (await import("../viewers/view.js")).fileView,
  search: async () => (await import("../drive/found.js")).foundView,
  shared: async () => (await import("../sharing/view.js")).sharedView,
  trash: async () => (await import("../trash/view.js")).trashView,
  feed: async () => (await import("../feed/view.js")).feedView,
  people: async () => (await import("../people/view.js")).peopleView,
  settings: async () => (await import("../settings/view.js")).settingsView,
};

/** @returns {{view: string, said: string, icon: import("../base/icons.js").IconName, to: string}[]} */
function ways() {
  return [
    {
      view: "files",
      said: t("nav.files"),
      icon: "files",
      to: folder(session.home()),
    },
    { view: "shared", said: t("nav.shared"), icon: "shared", to: at("shared") },
    { view: "feed", said: t("nav.feed"), icon: "feed", to: at("feed") },
    { view: "people", said: t("nav.people"), icon: "people", to: at("people") },
    { view: "trash", said: t("nav.trash"), icon: "trash", to: at("trash") },
    {
      view: "settings",
      said: t("nav.settings"),
      icon: "settings",
      to: at("settings"),
    },
  ];
}

/**
 * Show it, for as long as the page is there.
 * @param {HTMLElement} place
 */
export function shell(place) {
  const links = ways().map((way) => ({
    ...way,
    link: h("a", { href: way.to }, icon(way.icon), h("span", {}, way.said)),
  }));
  const main = h("main", { id: "main", tabindex: -1 });
  const skip = h(
    "a",
    {
      class: "skip",
      href: "#main",
      onclick: (/** @type {Event} */ event) => (event.preventDefault(), main.focus()),
    },
    t("nav.skip"),
  );
  fill(
    place,
    skip,
    h(
      "div",
      { class: "shell" },
      h(
        "header",
        { class: "top" },
        h(
          "a",
          { class: "brand", href: folder(session.home()) },
          h("img", { src: MARK, alt: "", width: 26, height: 26 }),
          h("span", {}, "Holdfast"),
        ),
        searchField(),
        h("div", { class: "top-end" }, bell(), accountButton(place)),
      ),
      h(
        "nav",
        { class: "side", "aria-label": t("nav.label") },
        links.map((each) => each.link),
        spaceMeter(),
      ),
      main,
      uploadsPanel(),
    ),
  );
  /** @type {View | null} */
  let now = null;
  let turn = 0;
  const show = async () => {
    if (location.hash.startsWith("#enter=")) return;
    const asked = read(location.hash);
    const where = Object.hasOwn(VIEWS, asked.view) ? asked : read(folder(session.home()));
    const mine = ++turn;
    for (const each of links) {
      if (each.view === section(where)) each.link.setAttribute("aria-current", "page");
      else each.link.removeAttribute("aria-current");
    }
    const view = await opened(where, show);
    if (mine !== turn) return view.leave?.();
    now?.leave?.();
    now = view;
    document.title = `${view.title} · Holdfast`;
    main.dataset.view = where.view;
    fill(main, view.element);
    return undefined;
  };
  addEventListener("hashchange", show);
  keepFilesOut();
  watch();
  void show();
}

/**
 * Which of the ways a place belongs to: what is a friend's belongs to what is shared.
 * @param {import("../base/routes.js").Place} where
 */
function section({ view, rest }) {
  if (view !== "files" && view !== "open") return view;
  return session.isMine(`/${rest.join("/")}`) ? "files" : "shared";
}

/**
 * @param {import("../base/routes.js").Place} where
 * @param {() => void} again
 * @returns {Promise<View>}
 */
async function opened(where, again) {
  try {
    const open = await VIEWS[where.view]();
    return await open(where);
  } catch (thrown) {
    return {
      element: failed(asFailed(thrown), again),
      title: t("error.title"),
    };
  }
}
