// @ts-check
/** What was removed, and how to have it back. */

import { list, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { ago, plainName, size } from "../base/look.js";
import { nameOf, parentOf } from "../base/paths.js";
import { go, whereIs } from "../base/routes.js";
import { t } from "../base/text.js";
import { sign } from "../drive/pictures.js";
import { dialog, form } from "../parts/dialog.js";
import { page } from "../parts/page.js";
import { arriving, empty } from "../parts/states.js";
import { attempt, tell } from "../parts/toast.js";

/**
 * @typedef {object} Trashed
 * @property {string} id
 * @property {string} path where it was
 * @property {"file" | "folder" | "link"} kind
 * @property {number} size
 * @property {number} removed
 * @property {string} [device]
 */

/** @returns {import("../shell/shell.js").View} */
export function trashView() {
  const place = h("div", { class: "stack" });
  const actions = h("div", { class: "view-actions" });
  const load = () =>
    arriving(place, async () => {
      const all = await everything();
      fill(
        actions,
        all.some((each) => each.things.length) &&
          h(
            "button",
            {
              type: "button",
              class: "danger",
              onclick: () => emptyAll(all, load),
            },
            t("trash.empty"),
          ),
      );
      const shown = all.filter((each) => each.things.length);
      if (!shown.length) return empty("trash", t("trash.none"), t("trash.none_said"));
      return shown.map(({ of, things }) =>
        h(
          "section",
          {},
          of && h("h2", {}, t("trash.of", { name: plainName(nameOf(of)) })),
          h(
            "ul",
            { class: "rows" },
            things.map((each) => line(each, of, load)),
          ),
        ),
      );
    });
  void load();
  return {
    element: page(t("nav.trash"), [actions], h("p", { class: "soft" }, t("trash.said")), place),
    title: t("nav.trash"),
  };
}

/**
 * One's own trash, and those of shared folders that have one.
 * @returns {Promise<{of: string | null, things: Trashed[]}[]>}
 */
async function everything() {
  /** @type {Trashed[]} */
  const own = [];
  /** @type {string[]} */
  const others = [];
  const line = (/** @type {string} */ kind, /** @type {any} */ value) => {
    if (kind === "trashed") own.push(value);
    else if (kind === "trash_of") others.push(value.path);
  };
  await post("trash", {}, { line });
  const theirs = await Promise.all(
    others.map(async (of) => ({
      of,
      things: await list("trash", { of }, "trashed"),
    })),
  );
  return [{ of: null, things: own }, ...theirs];
}

/**
 * @param {Trashed} each
 * @param {string | null} of
 * @param {() => void} load
 */
function line(each, of, load) {
  const name = nameOf(each.path);
  const said = [
    plainName(parentOf(each.path)),
    each.kind === "file" && size(each.size),
    t("trash.removed", { time: ago(each.removed) }),
  ];
  const back = () =>
    attempt(async () => {
      const [restored] = await list(
        "trash/restore",
        { names: [each.id], ...(of && { of }) },
        "restored",
      );
      load();
      tell(t("trash.restored", { name: plainName(name) }), {
        said: t("search.where_short"),
        go: () => go(whereIs(restored.to)),
      });
    });
  return h(
    "li",
    {},
    sign({ name, kind: each.kind }),
    h(
      "span",
      { class: "grow" },
      h("bdi", { class: "name" }, plainName(name)),
      h("span", { class: "soft" }, said.filter(Boolean).join(" · ")),
    ),
    h("button", { type: "button", onclick: back }, icon("undo"), t("trash.restore")),
  );
}

/**
 * The one thing that cannot be undone says so first.
 * @param {{of: string | null, things: Trashed[]}[]} all
 * @param {() => void} load
 */
function emptyAll(all, load) {
  const count = all.reduce((sum, each) => sum + each.things.length, 0);
  const asked = form(
    [h("p", {}, t("trash.empty_said", { count }))],
    t("trash.empty"),
    async () => {
      for (const { of, things } of all)
        if (things.length)
          await post("trash/empty", {
            names: things.map((each) => each.id),
            ...(of && { of }),
          });
      shown.close();
      load();
    },
    { danger: true },
  );
  const shown = dialog(t("trash.empty"), [asked]);
}
