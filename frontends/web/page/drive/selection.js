// @ts-check
/** Which entries are chosen, and where the keyboard is. Numbers are places in the order shown. */

import { Signal } from "../base/signal.js";

export class Selection {
  /** @type {import("./entries.js").Entry[]} */
  #entries = [];
  /** @type {Set<string>} */
  #paths = new Set();
  #anchor = 0;
  /** Where the keyboard is. */
  cursor = 0;
  /** Told when it has changed. */
  changed = new Signal();

  /**
   * These are shown now, in this order. What was chosen stays so, if it is still there.
   * @param {import("./entries.js").Entry[]} entries
   */
  over(entries) {
    const at = this.#entries[this.cursor]?.path;
    this.#entries = entries;
    const there = new Set(this.#paths.size ? entries.map((each) => each.path) : []);
    this.#paths = new Set([...this.#paths].filter((each) => there.has(each)));
    const again = at === undefined ? 0 : entries.findIndex((each) => each.path === at);
    this.cursor = Math.max(0, Math.min(again < 0 ? this.cursor : again, entries.length - 1));
    this.#anchor = this.cursor;
    this.changed.tell(undefined);
  }

  get count() {
    return this.#paths.size;
  }

  /** What is chosen, in the order shown. */
  get chosen() {
    return this.#entries.filter((each) => this.#paths.has(each.path));
  }

  /** @param {number} index */
  has(index) {
    return this.#paths.has(this.#entries[index]?.path ?? "");
  }

  /**
   * Only this one.
   * @param {number} index
   */
  only(index) {
    this.#paths = new Set(this.#at(index, index));
    this.#moved(index, index);
  }

  /**
   * One more, or one less.
   * @param {number} index
   */
  toggle(index) {
    for (const path of this.#at(index, index)) if (!this.#paths.delete(path)) this.#paths.add(path);
    this.#moved(index, index);
  }

  /**
   * Everything from where it began up to here.
   * @param {number} index
   */
  extend(index) {
    this.#paths = new Set(this.#at(Math.min(this.#anchor, index), Math.max(this.#anchor, index)));
    this.#moved(index, this.#anchor);
  }

  /** Everything. */
  all() {
    this.#paths = new Set(this.#entries.map((each) => each.path));
    this.changed.tell(undefined);
  }

  /** Nothing. */
  none() {
    if (!this.#paths.size) return;
    this.#paths.clear();
    this.changed.tell(undefined);
  }

  /**
   * The keyboard is here now; what is chosen stays so.
   * @param {number} index
   */
  moveTo(index) {
    this.#moved(index, index);
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #at(from, to) {
    return this.#entries.slice(from, to + 1).map((each) => each.path);
  }

  /**
   * @param {number} cursor
   * @param {number} anchor
   */
  #moved(cursor, anchor) {
    this.cursor = cursor;
    this.#anchor = anchor;
    this.changed.tell(undefined);
  }
}
