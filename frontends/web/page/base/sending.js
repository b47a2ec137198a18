// @ts-check
/** Sending many bytes, and saying how far it is: `fetch` cannot tell, `XMLHttpRequest` can. */

import { Failed, argumentsHeader, heard, keyHeader, stopped } from "./api.js";

/**
 * Another one for another file, as far as a browser knows without reading it.
 * @param {File} file
 */
export function markOf({ name, size, lastModified }) {
  return `${name}/${size}/${lastModified}`;
}

/**
 * A call that takes bytes.
 * @param {string} call
 * @param {object} values
 * @param {Blob} body
 * @param {AbortSignal} signal
 * @param {(sent: number) => void} moves told how many bytes are sent
 * @returns {Promise<any[]>} the lines of the answer, of which the last is not an error
 */
export function give(call, values, body, signal, moves) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/v1/${call}`);
    for (const [name, value] of Object.entries({ ...keyHeader(), ...argumentsHeader(values) }))
      request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => moves(event.loaded));
    request.addEventListener("load", () => {
      try {
        done(linesOf(request.responseText));
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
 * What an answer says: its last line counts. What was kept elsewhere was not refused.
 * @param {string} text
 * @returns {any[]}
 */
export function linesOf(text) {
  const lines = text
    .split("\n")
    .filter(Boolean)
    .map((each) => JSON.parse(each));
  const last = lines.at(-1);
  const beside = lines.some((each) => each.kept?.beside);
  if (last?.error && !beside) throw heard(new Failed(last.error));
  if (!last?.done && !beside) throw stopped();
  return lines;
}
