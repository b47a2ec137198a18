// @ts-check
/** Saving a text: only over the version that was read; beside it, if there is another by now. */

import { asFailed, pour } from "../base/api.js";
import { touch } from "../drive/actions.js";

/**
 * @param {{path: string, modified?: number}} entry as it was when its text was read
 * @param {string} text
 * @returns {Promise<{path: string, modified?: number, beside: boolean}>}
 */
export async function save(entry, text) {
  /** @type {string | undefined} */
  let beside;
  const line = (/** @type {string} */ kind, /** @type {any} */ value) => {
    if (kind === "kept") beside = value.beside;
  };
  const asked = {
    path: entry.path,
    cut: true,
    ...(entry.modified !== undefined && { seen: entry.modified }),
  };
  try {
    const done = await pour("write", asked, new Blob([text]), { line });
    touch([entry.path]);
    return { path: done.path, modified: done.modified, beside: false };
  } catch (thrown) {
    const error = asFailed(thrown);
    if (!beside) throw error;
    touch([beside]);
    return { path: beside, beside: true };
  }
}
