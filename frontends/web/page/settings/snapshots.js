// @ts-check
/** Snapshots: all of the drive as it was at a moment, kept until its person says otherwise. */

import { list, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { moment, plainName, size } from "../base/look.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { browsing } from "../drive/browsing.js";
import { download } from "../drive/download.js";
import { contentsOf, isInner } from "../drive/entries.js";
import { toolButton } from "../parts/buttons.js";
import { askText, dialog, form } from "../parts/dialog.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { attempt, tell } from "../parts/toast.js";

/** @typedef {{state: number, name: string, pinned: number}} Snapshot */

/** All there are, and one more. */
export function snapshotSettings() {
  const place = h("div", { class: "stack" });
  const load = () =>
    arriving(place, async () => {
      /** @type {Snapshot[]} */
      const all = await list("snapshot/list", {}, "snapshot");
      if (!all.length) return h("p", { class: "soft" }, t("snapshots.none"));
      return h(
        "ul",
        { class: "rows" },
        all.map((each) => line(each, load)),
      );
    });
  void load();
  const make = () => {
    const how = { label: t("name"), said: t("snapshots.make"), value: today() };
    askText(t("snapshots.make"), how, async (name) => {
      await post("snapshot", { name });
      void load();
      tell(t("snapshots.made", { name }));
    });
  };
  return section(
    t("snapshots.title"),
    h("p", { class: "soft" }, t("snapshots.said")),
    place,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: make }, icon("plus"), t("snapshots.make")),
    ),
  );
}

/** The date, as files are named. */
function today() {
  return new Date().toLocaleDateString("sv");
}

/**
 * @param {Snapshot} each
 * @param {() => void} load
 */
function line(each, load) {
  const name = plainName(each.name);
  const button = (/** @type {string} */ said, /** @type {() => unknown} */ go) =>
    h("button", { type: "button", "aria-label": `${said}: ${name}`, onclick: go }, said);
  return h(
    "li",
    { class: "request" },
    icon("history"),
    h(
      "span",
      { class: "grow" },
      h("strong", {}, name),
      h("span", { class: "soft" }, moment(each.pinned)),
    ),
    button(t("snapshots.look"), () => open(each)),
    button(t("snapshots.delete"), () => remove(each, load)),
  );
}

/** Go through it; each thing can be had as it was. @param {Snapshot} each */
function open(each) {
  const shown = dialog(
    plainName(each.name),
    [h("p", { class: "soft" }, t("snapshots.open_said"))],
    {
      wide: true,
    },
  );
  const at = String(each.state);
  const file = (/** @type {import("../drive/entries.js").Entry} */ entry) =>
    entry.kind !== "file"
      ? null
      : h(
          "div",
          { class: "pick" },
          icon("file"),
          h(
            "span",
            { class: "grow" },
            plainName(entry.name),
            " ",
            h("span", { class: "soft" }, size(entry.size)),
          ),
          toolButton("download", `${t("drive.download")}: ${plainName(entry.name)}`, () =>
            attempt(() => download([entry], at)),
          ),
          toolButton("undo", `${t("versions.restore")}: ${plainName(entry.name)}`, () =>
            attempt(() => putBack([entry.path], each)),
          ),
        );
  const found = browsing(session.home(), shown.signal, () => true, file, at);
  const whole = form([], t("snapshots.put_back"), async () =>
    putBack(await all(found.at(), at, shown.signal), each),
  );
  shown.body.append(found.element, whole);
}

/**
 * A folder; of the home, which is no folder that can be put back, all that was in it.
 * @param {string} folder
 * @param {string} at
 * @param {AbortSignal} signal
 */
async function all(folder, at, signal) {
  if (folder !== session.home()) return [folder];
  const { entries } = await contentsOf(folder, signal, undefined, at);
  return entries.flatMap(({ path }) => (isInner(path) ? [] : path));
}

/**
 * As a new version on top of what is there, which is kept like any other.
 * @param {string[]} paths
 * @param {Snapshot} each
 */
async function putBack(paths, each) {
  for (const path of paths) await post("restore", { path, at: String(each.state) });
  tell(t("versions.restored", { time: moment(each.pinned) }));
}

/**
 * Nothing brings it back once other states of that time are given up: so it is asked first.
 * @param {Snapshot} each
 * @param {() => void} load
 */
function remove(each, load) {
  const asked = form(
    [h("p", {}, t("snapshots.delete_said"))],
    t("snapshots.delete"),
    async () => {
      await post("snapshot/delete", { name: String(each.state) });
      shown.close();
      load();
    },
    { danger: true },
  );
  const shown = dialog(`${t("snapshots.delete")}: ${plainName(each.name)}`, [asked]);
}
