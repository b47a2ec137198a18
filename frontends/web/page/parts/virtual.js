// @ts-check
/**
 * A long list of which only what is seen is there: rows, or tiles in as many columns as fit.
 *
 * Everything has one height, so where a thing stands follows from its number, and a list of
 * 100,000 costs what a screen of it costs.
 */

import { h } from "../base/dom.js";
import { soon } from "../base/signal.js";

const SPARE = 6;
/** Lines that are kept above and below of what is seen. */

/**
 * @typedef {object} Layout
 * @property {number} height of a line, in pixels
 * @property {number} width that a tile needs at least; 0: one column
 */

export class VirtualList {
  /** @type {Map<number, HTMLElement>} */
  #shown = new Map();
  #count = 0;
  #columns = 1;
  #field = h("div", { class: "virtual-field" });
  /** @type {Layout} */
  #layout = { height: 44, width: 0 };
  #draw = soon(() => this.#drawNow());

  /**
   * @param {HTMLElement} scroller what scrolls
   * @param {(index: number) => HTMLElement} make what stands at a number
   */
  constructor(scroller, make) {
    this.scroller = scroller;
    this.make = make;
    scroller.append(this.#field);
    scroller.addEventListener("scroll", this.#draw, { passive: true });
    this.observer = new ResizeObserver(() => this.#measure());
    this.observer.observe(scroller);
  }

  /** How many stand beside each other. */
  get columns() {
    return this.#columns;
  }

  /** How many lines are seen at once, about. */
  get lines() {
    return Math.max(1, Math.floor(this.scroller.clientHeight / this.#layout.height) - 1);
  }

  /** @param {Layout} layout */
  setLayout(layout) {
    this.#layout = layout;
    this.#measure();
  }

  /**
   * There are so many now, and each is drawn anew.
   * @param {number} count
   */
  setCount(count) {
    this.#count = count;
    this.refresh();
  }

  /** Draw anew what is seen. */
  refresh() {
    for (const each of this.#shown.values()) each.remove();
    this.#shown.clear();
    this.#field.style.height = `${Math.ceil(this.#count / this.#columns) * this.#layout.height}px`;
    this.#drawNow();
  }

  /**
   * Change what is seen, each where it stands.
   * @param {(element: HTMLElement, index: number) => void} work
   */
  each(work) {
    for (const [index, element] of this.#shown) work(element, index);
  }

  /**
   * Scroll until it is seen, and draw it.
   * @param {number} index
   */
  reveal(index) {
    const { height } = this.#layout;
    const top = Math.floor(index / this.#columns) * height;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + height > scrollTop + clientHeight)
      this.scroller.scrollTop = top + height - clientHeight;
    this.#drawNow();
  }

  /** It is not needed any more. */
  leave() {
    this.observer.disconnect();
  }

  #measure() {
    const { width } = this.#layout;
    const columns = width ? Math.max(1, Math.floor(this.scroller.clientWidth / width)) : 1;
    this.#columns = columns;
    this.#field.style.setProperty("--columns", String(columns));
    this.refresh();
  }

  #drawNow() {
    const { height } = this.#layout;
    const { scrollTop, clientHeight } = this.scroller;
    const first = Math.max(0, Math.floor(scrollTop / height) - SPARE) * this.#columns;
    const last = Math.min(
      this.#count,
      (Math.ceil((scrollTop + clientHeight) / height) + SPARE) * this.#columns,
    );
    for (const [index, each] of this.#shown) {
      if (index >= first && index < last) continue;
      each.remove();
      this.#shown.delete(index);
    }
    for (let index = first; index < last; index += 1) {
      if (this.#shown.has(index)) continue;
      const made = this.#placed(index);
      this.#shown.set(index, made);
      this.#field.append(made);
    }
  }

  /** @param {number} index */
  #placed(index) {
    const made = this.make(index);
    const line = Math.floor(index / this.#columns);
    made.style.setProperty("top", `${line * this.#layout.height}px`);
    made.style.setProperty("height", `${this.#layout.height}px`);
    made.style.setProperty("--column", String(index % this.#columns));
    return made;
  }
}
