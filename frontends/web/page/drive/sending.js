// @ts-check
/**
 * Sending the bytes of one file into the drive.
 *
 * What came of a large file before it broke off is kept by the daemon, also over a reload of the
 * page: it is asked where to go on, and gets the rest.
 */

import { post } from "../base/api.js";
import { give, markOf } from "../base/sending.js";

const CHUNK = 5 * 2 ** 20;
/** Bytes. Whole chunks of so many are kept of what breaks off: a file of one is sent at once. */

/**
 * @typedef {object} Telling
 * @property {(offset: number) => void} begins how many bytes need not be sent
 * @property {(sent: number) => void} moves how many bytes from the first on are sent
 */

/**
 * @param {string} to a path of the drive
 * @param {File} file
 * @param {AbortSignal} signal
 * @param {Telling} tell
 * @returns {Promise<string | undefined>} where it was kept instead, if somebody else changed `to` meanwhile
 */
export async function send(to, file, signal, tell) {
  const coming = { to, size: file.size, mark: markOf(file) };
  const goesOn = file.size > CHUNK;
  /** @type {{offset: number}} */
  const { offset } = goesOn ? await post("upload/begin", coming, { signal }) : { offset: 0 };
  signal.throwIfAborted();
  tell.begins(offset);
  const moves = (/** @type {number} */ sent) => tell.moves(offset + sent);
  const modified = file.lastModified;
  const lines = goesOn
    ? await give("upload", { ...coming, offset, modified }, file.slice(offset), signal, moves)
    : await give("put/pipe", { to, modified }, file, signal, moves);
  return lines.find((each) => each.kept)?.kept.beside;
}
