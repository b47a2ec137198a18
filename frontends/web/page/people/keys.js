// @ts-check
/** Which keys somebody has had: every record of an identity, and why each is to be believed. */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { moment } from "../base/look.js";
import { t } from "../base/text.js";
import { dialog } from "../parts/dialog.js";
import { arriving } from "../parts/states.js";

const SHOWN = 5;
/** Records that are seen at once; most people have one or two. */

/**
 * One record. Its keys and its own name are digests, in hex.
 * @typedef {{seq: number, created: number, in_force: boolean, hash: string, daily: string, signer: string, next: string}} Keys
 */
/** @typedef {{handle: string, id: string, verified: number, alarm: number, records: Keys[]}} History */

/**
 * All of them, the newest first.
 * @param {History} found
 */
export function keyHistory({ id, records }) {
  const newest = records.toReversed().map(line);
  const older = newest.slice(SHOWN);
  return [
    h("ol", { class: "rows" }, newest.slice(0, SHOWN)),
    older.length > 0 &&
      h(
        "details",
        {},
        h("summary", {}, t("records.older", { count: older.length })),
        h("ol", { class: "rows" }, older),
      ),
    h(
      "details",
      {},
      h("summary", {}, t("records.digests")),
      h("p", { class: "help" }, t("records.digests_said")),
      h("dl", { class: "facts" }, fact(t("records.id"), id)),
      records.toReversed().map(digests),
    ),
  ];
}

/** @param {Keys} each */
function line({ seq, created, in_force: inForce }) {
  return h(
    "li",
    {},
    icon(seq ? "history" : "shield"),
    h(
      "span",
      { class: "grow" },
      h(
        "strong",
        {},
        seq ? t("records.renewed") : t("records.first"),
        inForce && [" ", h("span", { class: "badge good" }, t("records.in_force"))],
      ),
      h("span", { class: "soft" }, moment(created)),
      h("span", { class: "soft" }, seq ? t("records.why_next") : t("records.why_first")),
    ),
  );
}

/** @param {Keys} each */
function digests(each) {
  return [
    h("h3", {}, t("records.record", { number: each.seq, time: moment(each.created) })),
    h(
      "dl",
      { class: "facts" },
      fact(t("records.hash"), each.hash),
      fact(t("records.daily"), each.daily),
      fact(t("records.signer"), each.signer),
      fact(t("records.next"), each.next),
    ),
  ];
}

/**
 * @param {string} said
 * @param {string} value
 */
function fact(said, value) {
  return [h("dt", {}, said), h("dd", {}, h("code", {}, value))];
}

/** Those of a contact, as they were seen here. @param {string} who */
export function keysOf(who) {
  const place = h("div", { class: "stack" });
  dialog(t("records.of", { name: who }), [place], { wide: true });
  void arriving(place, async () => {
    /** @type {History} */
    const found = await post("identity/history", { who });
    return [
      h("p", { class: "soft" }, t("records.theirs_said", { name: who })),
      found.alarm > 0 && h("p", { class: "notice bad" }, t("records.alarm")),
      found.verified > 0 &&
        h("p", { class: "notice" }, t("records.verified", { time: moment(found.verified) })),
      keyHistory(found),
    ];
  });
}
