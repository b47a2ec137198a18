// @ts-check
/** Entries that were cut or copied, to be put into another folder. */

import { Signal } from "../base/signal.js";

class Clipboard {
  /** @type {string[]} */
  paths = [];
  /** @type {"cut" | "copied"} */
  how = "copied";
  changed = new Signal();

  /**
   * @param {string[]} paths
   * @param {"cut" | "copied"} how
   */
  take(paths, how) {
    this.paths = paths;
    this.how = how;
    this.changed.tell(undefined);
  }

  /** @param {string} path */
  isCut(path) {
    return this.how === "cut" && this.paths.includes(path);
  }
}

export const clipboard = new Clipboard();
