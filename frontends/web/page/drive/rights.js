// @ts-check
/** Whether one may change what is in a folder: one's own, or one that was shared for it. */

import { asFailed, list } from "../base/api.js";
import { isWithin } from "../base/paths.js";
import * as session from "../base/session.js";
import { events } from "../base/watch.js";

/** @type {Promise<any[]> | null} what is shared with me, until something is new */
let shares = null;
events.on(({ kind }) => {
  if (kind === "news") shares = null;
});

/**
 * @param {string} folder
 * @returns {Promise<boolean>}
 */
export async function mayChange(folder) {
  if (session.isMine(folder)) return true;
  shares ??= list("shared", { with_me: true }, "with_me");
  try {
    return (await shares).some((each) => each.rights.length > 0 && isWithin(folder, each.path));
  } catch (thrown) {
    asFailed(thrown); // who cannot be asked lets nobody write either
    shares = null;
    return false;
  }
}
