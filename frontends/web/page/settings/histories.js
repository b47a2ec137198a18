// @ts-check
/** A home that showed two histories: the proof of it, and saying that it was dealt with. */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { attempt, tell } from "../parts/toast.js";

const LATER = 60_000;
/** Milliseconds after which an address is given up: Firefox reads from it after the click. */

/** @typedef {{whose: string, time: number, seen: number | null, proof: string}} Proof `proof`: its bytes, in base64 */

/**
 * What can be done about those that are new; nothing if there are none.
 * @param {Proof[]} proofs
 * @param {() => void} load
 */
export function twoHistories(proofs, load) {
  const newest = proofs.findLast((each) => each.seen === null);
  if (!newest) return null;
  const seen = () =>
    attempt(async () => {
      await post("doctor/acknowledge");
      load();
      tell(t("histories.seen"));
    });
  return h(
    "div",
    { class: "stack" },
    h("p", { class: "soft" }, t("histories.said")),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: () => save(newest) }, t("histories.keep")),
      h("button", { type: "button", onclick: seen }, t("histories.done")),
    ),
  );
}

/** Among the downloads; anybody who has it can check it. @param {Proof} proof */
function save({ whose, proof }) {
  const data = Uint8Array.from(atob(proof), (each) => each.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([data]));
  const name = `two-histories-${whose.replace(/[^a-z0-9_-]/g, "")}.proof`;
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), LATER);
}
