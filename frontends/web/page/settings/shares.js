// @ts-check
/** Splitting the recovery kit among people: a page of words for each, to be printed or sent. */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";
import { plainName } from "../base/look.js";
import { t } from "../base/text.js";
import { copyable } from "../parts/copying.js";
import { dialog, form } from "../parts/dialog.js";
import { field, lines } from "../parts/fields.js";
import { printButton } from "../parts/printing.js";

const LEAST = 2;
const MOST = 16;

/** @typedef {{handle: string, shares: string[], needed: number, text: string}} Split */

/** Ask for the words, for whom, and how many of them it takes. */
export function splitKit() {
  const words = lines(t("recovery.words"), { autocomplete: "off", spellcheck: "false" });
  const people = lines(t("split.people"), { rows: 4, autocomplete: "off" }, t("split.people_help"));
  const needed = field(
    t("split.needed"),
    { type: "number", min: LEAST, max: MOST, value: LEAST },
    t("split.needed_help"),
  );
  const asked = form([words.element, people.element, needed.element], t("split.go"), async () => {
    const names = people.input.value.split("\n").flatMap((each) => each.trim() || []);
    /** @type {Split} */
    const done = await post("recovery/split", {
      words: words.input.value,
      needed: needed.input.valueAsNumber || 0,
      count: names.length,
    });
    shown.close();
    show(done, names);
  });
  const shown = dialog(t("recovery.split"), [h("p", { class: "soft" }, t("split.said")), asked]);
  words.input.focus();
}

/**
 * The pages, once.
 * @param {Split} done
 * @param {string[]} names
 */
function show(done, names) {
  dialog(
    t("recovery.split"),
    [
      h("p", { class: "notice unprinted" }, t("split.done", { count: done.needed })),
      h("div", { class: "actions unprinted" }, printButton()),
      names.map((name, at) => sheet(done, name, done.shares[at])),
    ],
    { wide: true },
  );
}

/**
 * What one of them keeps.
 * @param {Split} done
 * @param {string} name
 * @param {string} words
 */
function sheet({ handle, needed, text }, name, words) {
  return h(
    "article",
    { class: "sheet" },
    h("h3", {}, t("split.for", { name: plainName(name) })),
    h("p", {}, t("split.keep", { handle, count: needed - 1 })),
    h(
      "ol",
      { class: "numbered" },
      words.split(" ").map((each) => h("li", {}, each)),
    ),
    h("p", { class: "help" }, t("split.where")),
    copyable(text),
    h("div", { class: "unprinted" }, copyable(words)),
  );
}
