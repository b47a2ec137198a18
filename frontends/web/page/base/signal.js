// @ts-check
/** Telling whoever wants to hear. */

/** @template T */
export class Signal {
  /** @type {Set<(value: T) => void>} */
  #listeners = new Set();

  /**
   * Hear of it from now on.
   * @param {(value: T) => void} listener
   * @returns {() => void} stops it
   */
  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param {T} value */
  tell(value) {
    for (const each of [...this.#listeners]) each(value);
  }
}

/**
 * Do it soon, once, however often it is asked for before.
 * @param {() => void} work
 */
export function soon(work) {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      work();
    });
  };
}

/**
 * Do it when it was not asked for again for a while. `stop`: it need not be done any more.
 * @param {() => void} work
 * @param {number} ms
 */
export function later(work, ms) {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  const ask = () => {
    stop();
    timer = setTimeout(work, ms);
  };
  return Object.assign(ask, { stop });
}
