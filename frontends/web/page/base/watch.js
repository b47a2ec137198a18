// @ts-check
/**
 * What is new, as it comes: one connection that stays open while somebody is signed in.
 *
 * It is `events` of the local API. When it breaks off it is made again, later each time.
 */

import { Failed, post } from "./api.js";
import { measure, refresh, whoIsHere } from "./session.js";
import { Signal } from "./signal.js";

const FIRST = 1_000;
const LAST = 60_000;

/** Told of each event: its kind, and what it says. @type {Signal<{kind: string, value: any}>} */
export const events = new Signal();

/** Watch from now on, for as long as the page is there. */
export function watch() {
  void keepWatching();
  events.on(({ kind, value }) => {
    if (kind === "account" && value.name !== whoIsHere()?.name) void refresh(); // by another page, or the command line
    if (kind === "changed") void measure();
  });
}

/** Until nobody is signed in any more. */
async function keepWatching() {
  for (let wait = FIRST; ; wait = Math.min(LAST, wait * 2)) {
    const line = (/** @type {string} */ kind, /** @type {any} */ value) => {
      wait = FIRST;
      events.tell({ kind, value });
    };
    try {
      await post("events", {}, { line });
    } catch (thrown) {
      if (thrown instanceof Failed && ["Expired", "NotSignedIn"].includes(thrown.kind)) return;
      if (!(thrown instanceof Failed)) throw thrown;
    }
    await new Promise((done) => setTimeout(done, wait));
  }
}
