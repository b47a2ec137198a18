// @ts-check
/** What somebody may do with what is shared: in words, and asked in a form. */

import { Failed } from "../base/api.js";
import { h } from "../base/dom.js";
import { size } from "../base/look.js";
import { t, tongue } from "../base/text.js";
import { tick } from "../parts/fields.js";
import { GB, roomField, roomOf } from "../settings/room.js";

/** @typedef {"add" | "change" | "delete"} Right */
/** What one may do besides reading, and how many bytes one may add; null: as many as there is room for. @typedef {{rights: Right[], ceiling: number | null}} May */

/** @type {May} */
export const READS = { rights: [], ceiling: null };

/** @type {Right[]} */
const ALL = ["add", "change", "delete"];

/** Of a sentence about somebody else: "may add and change, 5 GB at most". @param {May} may */
export function mayDo({ rights, ceiling }) {
  if (!rights.length) return t("share.reads");
  return limited(t("share.writes", { what: named(rights) }), ceiling);
}

/** The same of oneself, as a sentence. @param {May} may */
export function youMay({ rights, ceiling }) {
  if (!rights.length) return t("shared.you_read");
  return limited(t("shared.you_write", { what: named(rights) }), ceiling);
}

/**
 * @param {string} said
 * @param {number | null} ceiling
 */
function limited(said, ceiling) {
  return ceiling === null ? said : t("share.at_most", { said, size: size(ceiling) });
}

/** @param {Right[]} rights */
function named(rights) {
  const verbs = { add: t("share.adds"), change: t("share.changes"), delete: t("share.deletes") };
  const format = new Intl.ListFormat(tongue(), { type: "conjunction" });
  return format.format(rights.map((each) => verbs[each]));
}

/**
 * Reading, or which ways of changing, and how much of it. `first` is seen before `chosen`.
 * @param {May} now
 */
export function mayFields(now) {
  const writes = now.rights.length > 0;
  const how = h(
    "select",
    { "aria-label": t("share.may") },
    h("option", { value: "read" }, t("share.may_read")),
    h("option", { value: "write", selected: writes }, t("share.may_write")),
  );
  const ticks = rightTicks(writes ? now.rights : ALL);
  const room = roomField(
    t("share.ceiling"),
    now.ceiling === null ? "" : now.ceiling / GB,
    t("share.ceiling_help"),
  );
  const more = h(
    "div",
    { class: "stack", hidden: !writes },
    h("p", { class: "help" }, t("share.may_write_said")),
    ticks.element,
    room.element,
  );
  how.addEventListener("change", () => (more.hidden = how.value === "read"));
  const chosen = () =>
    how.value === "read" ? READS : { rights: ticks.chosen(), ceiling: roomOf(room.input) };
  return { how, more, chosen };
}

/** @param {Right[]} on */
function rightTicks(on) {
  const said = {
    add: t("share.right_add"),
    change: t("share.right_change"),
    delete: t("share.right_delete"),
  };
  const ticks = ALL.map((right) => ({ right, ...tick(said[right], on.includes(right)) }));
  const chosen = () => {
    const found = ticks.filter(({ input }) => input.checked).map(({ right }) => right);
    if (!found.length) throw new Failed({ kind: "Usage", message: t("share.no_right") });
    return found; // none would stand for all of them, as on the command line
  };
  const element = h(
    "fieldset",
    { class: "one-of" },
    h("legend", {}, t("share.rights")),
    ticks.map((each) => each.element),
  );
  return { element, chosen };
}
