// @ts-check
/** Numbers and times as people read them. */

import { t, tongue } from "./text.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * Bytes, in the largest unit that leaves a whole number; powers of 1000, as disks are sold.
 * @param {number} bytes
 */
export function size(bytes) {
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit && value < 9.95 ? 1 : 0;
  return new Intl.NumberFormat(tongue(), {
    style: "unit",
    unit: UNITS[unit],
    unitDisplay: unit ? "short" : "long",
    maximumFractionDigits: digits,
  }).format(value);
}

/**
 * A time, short: today its hour, this year its day, else the date.
 * @param {number} ms
 * @param {number} [now]
 */
export function when(ms, now = Date.now()) {
  const time = new Date(ms);
  const today = new Date(now);
  if (time.toDateString() === today.toDateString()) {
    return time.toLocaleTimeString(tongue(), {
      hour: "numeric",
      minute: "2-digit",
    });
  }
  const year = time.getFullYear() === today.getFullYear() ? undefined : "numeric";
  return time.toLocaleDateString(tongue(), {
    day: "numeric",
    month: "short",
    year,
  });
}

/**
 * A time in full.
 * @param {number} ms
 */
export function moment(ms) {
  return new Date(ms).toLocaleString(tongue(), {
    dateStyle: "long",
    timeStyle: "short",
  });
}

/**
 * How long ago.
 * @param {number} ms
 * @param {number} [now]
 */
export function ago(ms, now = Date.now()) {
  const past = Math.max(0, now - ms);
  if (past < MINUTE) return t("time.now");
  const format = new Intl.RelativeTimeFormat(tongue(), {
    numeric: "auto",
    style: "short",
  });
  if (past < 60 * MINUTE) return format.format(-Math.round(past / MINUTE), "minute");
  if (past < DAY) return format.format(-Math.round(past / (60 * MINUTE)), "hour");
  if (past < 7 * DAY) return format.format(-Math.round(past / DAY), "day");
  return when(ms, now);
}

/**
 * A number with its digits grouped.
 * @param {number} value
 */
export function count(value) {
  return new Intl.NumberFormat(tongue()).format(value);
}

/**
 * How long something still takes.
 * @param {number} seconds
 */
export function remaining(seconds) {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 60) return t("time.seconds_left", { count: Math.max(1, Math.round(seconds)) });
  return t("time.minutes_left", { count: Math.round(seconds / 60) });
}

/** Signs that turn the direction of what follows, or are not seen: a name could pass for another. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * A name of somebody's choice, with nothing in it that shows it as another.
 * @param {string} name
 */
export function plainName(name) {
  return name.replace(UNSEEN, "\ufffd");
}

/** Text of several lines, each with nothing that hides in it. @param {string} text */
export function plainText(text) {
  return text.split("\n").map(plainName).join("\n");
}
