// @ts-check
/** Asking for so many gigabytes. */

import { Failed } from "../base/api.js";
import { t } from "../base/text.js";
import { field } from "../parts/fields.js";

/** Bytes of one, as disks are sold. */
export const GB = 1_000_000_000;

/**
 * @param {string} label
 * @param {number | ""} value
 * @param {string} help
 */
export function roomField(label, value, help) {
  const props = { type: "number", min: 0, step: "any", inputmode: "decimal", value };
  return field(`${label} (${t("room.gb")})`, props, help);
}

/**
 * The bytes that were asked for; null for none.
 * @param {HTMLInputElement} input
 */
export function roomOf(input) {
  if (!input.validity.valid) throw new Failed({ kind: "Usage", message: t("room.no_number") });
  return input.value === "" ? null : Math.round(input.valueAsNumber * GB);
}
