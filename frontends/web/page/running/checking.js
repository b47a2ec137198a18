// @ts-check
/** Whether everything that the node holds is whole; mending what is not. */

import { asFailed, isAbort, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { count, size } from "../base/look.js";
import { t } from "../base/text.js";
import { tick } from "../parts/fields.js";
import { section } from "../parts/page.js";
import { progressLine } from "../parts/progress.js";
import { failed } from "../parts/states.js";

const SHOWN = 20;
/** Things that are wrong, of those that are named. */

/** @typedef {{what: string, account: string | null, owner: string | null, said: string}} Finding */
/**
 * @typedef {object} Report
 * @property {number} blocks
 * @property {number} bytes
 * @property {Record<string, number>} wrong how many of each kind
 * @property {number} total
 * @property {{blocks: number, counts: number}} [mended]
 * @property {number} [aside] damaged blocks that were replaced
 */

/** Ways to check and to mend. @param {AbortSignal} signal of the view's end */
export function checking(signal) {
  const place = h("div", { class: "stack" });
  const deep = tick(t("checks.deep"), false, t("checks.deep_said"));
  const check = () => run("node/verify", { deep: deep.input.checked });
  const mend = () => run("node/repair", {});

  /**
   * @param {string} call
   * @param {object} values
   */
  async function run(call, values) {
    const stop = new AbortController();
    const far = progressLine(t("checks.going"));
    const stopping = h("button", { type: "button", onclick: () => stop.abort() }, t("checks.stop"));
    /** @type {Finding[]} */
    const found = [];
    fill(place, far.element, h("div", { class: "buttons" }, stopping));
    stopping.focus();
    try {
      const done = await post(call, values, {
        line: (kind, value) => (kind === "finding" ? found.push(value) : far.line(kind, value)),
        signal: AbortSignal.any([signal, stop.signal]),
      });
      begin([report(done), named(found), done.total > 0 && wayOut(done, mend)]);
    } catch (thrown) {
      if (isAbort(thrown)) begin([h("p", { role: "status" }, t("checks.stopped"))]);
      else begin([failed(asFailed(thrown))]);
    }
  }

  /** @param {import("../base/dom.js").Child[]} before */
  function begin(before) {
    const button = h("button", { type: "button", onclick: check }, icon("shield"), t("checks.go"));
    const hadFocus = place.contains(document.activeElement);
    fill(place, before, deep.element, h("div", { class: "buttons" }, button));
    if (hadFocus) button.focus();
  }

  begin([]);
  return section(t("checks.title"), h("p", { class: "soft" }, t("checks.said")), place);
}

/** What came of it, in a sentence or two. @param {Report} done */
function report({ blocks, bytes, wrong, total, mended, aside }) {
  const looked = t("checks.looked", { blocks: count(blocks), size: size(bytes) });
  const repaired = mended && t("checks.mended", { count: mended.blocks + mended.counts });
  const put = aside ? t("checks.aside", { count: aside }) : "";
  const said = total ? t("checks.wrong", { count: total }) : t("checks.whole");
  return h(
    "div",
    { role: "status", class: "stack" },
    h(
      "p",
      { class: total ? "notice bad" : "notice good" },
      [repaired, said, looked, put].join(" "),
    ),
    total > 0 && h("ul", {}, kinds(wrong)),
  );
}

/** @param {Record<string, number>} wrong */
function kinds(wrong) {
  const said = {
    block: t("checks.block"),
    shape: t("checks.shape"),
    record: t("checks.record"),
    history: t("checks.history"),
    count: t("checks.count"),
    sum: t("checks.sum"),
    label: t("checks.label"),
    store: t("checks.store"),
  };
  return Object.entries(wrong).map(([kind, number]) =>
    h("li", {}, `${/** @type {any} */ (said)[kind] ?? kind}: ${count(number)}`),
  );
}

/** Each by itself, for whoever looks into it. @param {Finding[]} found */
function named(found) {
  if (!found.length) return null;
  const more = found.length - SHOWN;
  const line = (/** @type {Finding} */ { account, owner, said }) =>
    h("li", {}, `${account ?? owner ?? t("checks.of_node")}: ${said}`);
  return h(
    "details",
    {},
    h("summary", {}, t("checks.each")),
    h("ul", {}, found.slice(0, SHOWN).map(line)),
    more > 0 && h("p", { class: "help" }, t("checks.more", { count: more })),
  );
}

/**
 * @param {Report} done
 * @param {() => unknown} mend
 */
function wayOut({ mended }, mend) {
  const command = h("code", {}, "holdfast node repair --from BACKUP");
  if (mended) return h("p", {}, t("checks.left"), " ", command);
  return h(
    "div",
    { class: "stack" },
    h("p", { class: "soft" }, t("checks.mend_said")),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: mend }, t("checks.mend")),
    ),
  );
}
