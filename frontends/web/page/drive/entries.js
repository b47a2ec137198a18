// @ts-check
/** What is in a folder: asked for as it comes, and put in order. Pure but for the asking, and the choice of an order. */

import { Failed, asFailed, post } from "../base/api.js";
import { choose, chosen } from "../base/choices.js";
import { ending, parts } from "../base/paths.js";
import { tongue } from "../base/text.js";

/**
 * @typedef {object} Entry
 * @property {string} path
 * @property {string} name
 * @property {"file" | "folder" | "link" | "mount" | "unreadable"} kind
 * @property {number} size
 * @property {number} [modified]
 * @property {number} [created]
 * @property {string} [type]
 * @property {string} [target]
 * @property {string} [note]
 */

/** What entries are put in order by. */
export const SORT_KEYS = /** @type {const} */ (["name", "modified", "size", "type"]);

/** @typedef {typeof SORT_KEYS[number]} SortKey */
/** @typedef {{key: SortKey, down: boolean}} Order */

/**
 * @typedef {object} Contents
 * @property {Entry[]} entries
 * @property {Failed[]} problems
 * @property {{who: string, time: number} | null} away whose home is away, and of when this is
 */

/**
 * Ask for all that is in a folder. `some` is told how far it is, each time that there are four
 * times as many: whoever puts them in order then does so a few times, however many there are.
 * @param {string} path
 * @param {AbortSignal} signal
 * @param {(contents: Contents) => void} [some]
 * @param {string} [at] a state: as it was then
 * @returns {Promise<Contents>}
 */
export async function contentsOf(path, signal, some, at) {
  /** @type {Contents} */
  const found = { entries: [], problems: [], away: null };
  let next = 1_000;
  const line = (/** @type {string} */ kind, /** @type {any} */ value) => {
    if (kind === "entry") found.entries.push(value);
    else if (kind === "problem") found.problems.push(new Failed(value));
    else if (kind === "away") found.away = value;
    if (found.entries.length < next) return;
    next *= 4;
    some?.(found);
  };
  try {
    await post("ls", { paths: [path], ...(at && { at }) }, { line, signal });
  } catch (thrown) {
    if (asFailed(thrown).kind !== "Partial") throw thrown; // each problem was told
  }
  return found;
}

/** What feeds and profiles are kept in, in everybody's own folder: they have views of their own. */
const INNER = /^\.(feed|profile)(\.|$)/;

/** @param {string} path */
export function isInner(path) {
  return INNER.test(parts(path)[1] ?? "");
}

/** @param {{kind: string}} entry */
export function isFolder(entry) {
  return entry.kind === "folder" || entry.kind === "mount";
}

/**
 * In order: folders first, then by what was asked, and by name where that is alike.
 * @param {readonly Entry[]} entries
 * @param {Order} order
 * @returns {Entry[]}
 */
export function inOrder(entries, { key, down }) {
  const names = new Intl.Collator(tongue(), {
    numeric: true,
    sensitivity: "base",
  });
  const turn = down ? -1 : 1;
  const byName = (/** @type {Entry} */ a, /** @type {Entry} */ b) => names.compare(a.name, b.name);
  /** @type {Record<SortKey, (a: Entry, b: Entry) => number>} */
  const ways = {
    name: byName,
    modified: (a, b) => (a.modified ?? 0) - (b.modified ?? 0),
    size: (a, b) => a.size - b.size,
    type: (a, b) => names.compare(ending(a.name), ending(b.name)),
  };
  return [...entries].sort(
    (a, b) => Number(isFolder(b)) - Number(isFolder(a)) || turn * ways[key](a, b) || byName(a, b),
  );
}

/** @returns {Order} as it was chosen last */
export function chosenOrder() {
  const [key, way] = chosen("sort", "name up").split(" ");
  return { key: SORT_KEYS.find((each) => each === key) ?? "name", down: way === "down" };
}

/** Choose it, also for the next time. @param {Order} order */
export function chooseOrder({ key, down }) {
  choose("sort", `${key} ${down ? "down" : "up"}`);
}

/**
 * Whether something of a name is there.
 * @param {{entries: readonly Entry[]}} shown
 * @returns {(name: string) => boolean}
 */
export function isTaken(shown) {
  return (name) => shown.entries.some((each) => each.name === name);
}
