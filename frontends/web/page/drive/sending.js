// @ts-check
/**
 * Sending the bytes of one file, and saying how far it is: `fetch` cannot tell, `XMLHttpRequest` can.
 *
 * What came of a large file before it broke off is kept by the daemon, also over a reload of the
 * page: it is asked where to go on, and gets the rest.
 */

import { Failed, argumentsHeader, heard, keyHeader, post, stopped } from "../base/api.js";

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
  return goesOn
    ? give(
        "upload",
        { ...coming, offset, modified: file.lastModified },
        file.slice(offset),
        signal,
        moves,
      )
    : give("put/pipe", { to, modified: file.lastModified }, file, signal, moves);
}

/**
 * Another one for other content, as far as a browser knows without reading it.
 * @param {File} file
 */
function markOf({ name, size, lastModified }) {
  return `${name}/${size}/${lastModified}`;
}

/**
 * @param {string} call
 * @param {object} values
 * @param {Blob} body
 * @param {AbortSignal} signal
 * @param {(sent: number) => void} moves
 * @returns {Promise<string | undefined>}
 */
function give(call, values, body, signal, moves) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/v1/${call}`);
    for (const [name, value] of Object.entries({ ...keyHeader(), ...argumentsHeader(values) }))
      request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => moves(event.loaded));
    request.addEventListener("load", () => {
      try {
        done(outcome(request.responseText));
      } catch (thrown) {
        fail(thrown);
      }
    });
    request.addEventListener("error", () => fail(stopped()));
    request.addEventListener("abort", () => fail(new DOMException("stopped", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

/**
 * What the answer says: its last line counts.
 * @param {string} text
 * @returns {string | undefined}
 */
export function outcome(text) {
  const lines = text
    .split("\n")
    .filter(Boolean)
    .map((each) => JSON.parse(each));
  const beside = lines.find((each) => each.kept)?.kept.beside;
  const last = lines.at(-1);
  if (last?.error && !beside) throw heard(new Failed(last.error));
  if (!last?.done && !beside) throw stopped();
  return beside;
}
