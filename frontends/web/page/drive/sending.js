// @ts-check
/** Sending the bytes of one file, and saying how far it is: `fetch` cannot tell, `XMLHttpRequest` can. */

import { Failed, argumentsHeader, heard, keyHeader, stopped } from "../base/api.js";

/**
 * @param {string} to a path of the drive
 * @param {Blob} body
 * @param {AbortSignal} signal
 * @param {(sent: number) => void} progress
 * @returns {Promise<string | undefined>} where it was kept instead, if somebody else changed `to` meanwhile
 */
export function send(to, body, signal, progress) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/v1/put/pipe");
    for (const [name, value] of Object.entries({
      ...keyHeader(),
      ...argumentsHeader({ to }),
    }))
      request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
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
