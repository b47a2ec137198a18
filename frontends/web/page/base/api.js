// @ts-check
/**
 * Asking the daemon: the calls of docs/spec/local_api.md, from the page.
 *
 * What goes wrong is always a `Failed`, with the daemon's own words for people.
 */

import { Signal } from "./signal.js";
import { t } from "./text.js";

const KEY = "holdfast-key";
const OURS = /'holdfast |--\w|config\.toml/;
/** Advice that names a command, its options or settings is for terminals; here the page itself has the button. */

/** Told of every error that the daemon answers, besides whoever asked. @type {Signal<Failed>} */
export const refused = new Signal();

/** What went wrong, as the daemon says it. `advice`: what to do, if that can be done here. */
export class Failed extends Error {
  /** @param {{kind: string, message: string, hint?: string}} error */
  constructor(error) {
    super(error.message);
    this.kind = error.kind;
    this.advice = error.hint && !OURS.test(error.hint) ? error.hint : "";
  }

  /** A sentence, or two. */
  get said() {
    const first = sentence(this.message);
    return this.advice ? `${first} ${sentence(this.advice)}` : first;
  }
}

/** @param {string} text */
function sentence(text) {
  const first = text.charAt(0).toLocaleUpperCase() + text.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}

/**
 * What was thrown, if it is the daemon's answer; anything else is a mistake of the page's own.
 * @param {unknown} thrown
 * @returns {Failed}
 */
export function asFailed(thrown) {
  if (thrown instanceof Failed) return thrown;
  throw thrown;
}

/**
 * Use the token of a link, if the address has one; it leaves the address at once.
 * @returns {Promise<boolean>} whether there was one
 */
export async function enter() {
  const found = /^#enter=([A-Za-z0-9_-]+)$/.exec(location.hash);
  if (!found) return false;
  history.replaceState(null, "", location.pathname);
  const done = await post("web/enter", { token: found[1] });
  localStorage.setItem(KEY, String(done.key));
  return true;
}

/** The header that every call needs beside the cookie. */
export function keyHeader() {
  return { "Holdfast-Key": localStorage.getItem(KEY) ?? "" };
}

/** End the visit of this browser; the link is good for nothing more. */
export async function leave() {
  await post("web/leave");
  localStorage.removeItem(KEY);
}

/**
 * @typedef {object} Asking
 * @property {(kind: string, value: any) => void} [line] told each line before the last
 * @property {AbortSignal} [signal]
 */

/**
 * A call that does something.
 * @param {string} name
 * @param {object} [values]
 * @param {Asking} [asking]
 * @returns {Promise<any>} what it says at its end
 */
export function post(name, values, asking = {}) {
  return ask(name, { method: "POST", body: JSON.stringify(values ?? {}) }, asking);
}

/**
 * A question without arguments.
 * @param {string} name
 * @param {Asking} [asking]
 * @returns {Promise<any>}
 */
export function look(name, asking = {}) {
  return ask(name, { method: "GET" }, asking);
}

/**
 * All lines of one kind that a call tells; what it could not read goes to `problem`.
 * @param {string} name
 * @param {object} values
 * @param {string} kind
 * @param {(error: Failed) => void} [problem]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any[]>}
 */
export async function list(name, values, kind, problem, signal) {
  /** @type {any[]} */
  const found = [];
  const line = (/** @type {string} */ which, /** @type {any} */ value) => {
    if (which === kind) found.push(value);
    else if (which === "problem") problem?.(new Failed(value));
  };
  try {
    await post(name, values, { line, signal });
  } catch (thrown) {
    if (asFailed(thrown).kind !== "Partial") throw thrown; // each problem was told
  }
  return found;
}

/**
 * The bytes that a call gives.
 * @param {string} name
 * @param {object} values
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>}
 */
export async function bytes(name, values, signal) {
  const answer = await send(name, { method: "POST", body: JSON.stringify(values) }, signal);
  if (!answer.ok) throw await refusal(answer);
  try {
    return await answer.blob();
  } catch (thrown) {
    throw gone(thrown, signal);
  }
}

/**
 * A call that takes bytes. Arguments are in a header, so they are written in ASCII.
 * @param {string} name
 * @param {object} values
 * @param {Blob} body
 * @param {Asking} [asking]
 * @returns {Promise<any>}
 */
export function pour(name, values, body, asking = {}) {
  return ask(name, { method: "POST", body, headers: argumentsHeader(values) }, asking);
}

/** @param {object} values */
export function argumentsHeader(values) {
  const ascii = JSON.stringify(values).replace(
    /[\u007f-\uffff]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return { "Holdfast-Request": ascii };
}

/**
 * @param {string} name
 * @param {RequestInit} init
 * @param {Asking} asking
 */
async function ask(name, init, { line, signal }) {
  const answer = await send(name, init, signal);
  try {
    for await (const some of lines(answer)) {
      for (const text of some) {
        const said = JSON.parse(text);
        const [kind] = Object.keys(said);
        if (kind === "done") return said.done;
        if (kind === "error") throw heard(new Failed(said.error));
        line?.(kind, said[kind]);
      }
    }
  } catch (thrown) {
    throw gone(thrown, signal);
  }
  throw stopped();
}

/**
 * @param {string} name
 * @param {RequestInit} init
 * @param {AbortSignal} [signal]
 */
async function send(name, init, signal) {
  const headers = { ...keyHeader(), ...init.headers };
  try {
    return await fetch(`/v1/${name}`, { ...init, headers, signal });
  } catch (thrown) {
    throw gone(thrown, signal);
  }
}

/**
 * The error that an answer is.
 * @param {Response} answer
 */
async function refusal(answer) {
  for await (const [text] of lines(answer))
    if (text) return heard(new Failed(JSON.parse(text).error));
  return stopped();
}

/**
 * A broken connection is told in words; a caller's own stop, and errors, go on as they are. Of a
 * stop in the middle of an answer Firefox says what it says of a broken connection.
 * @param {unknown} thrown
 * @param {AbortSignal} [signal]
 */
function gone(thrown, signal) {
  if (signal?.aborted) return signal.reason;
  return thrown instanceof TypeError ? stopped() : thrown;
}

/** @param {Failed} error */
export function heard(error) {
  refused.tell(error);
  return error;
}

/** The daemon does not answer. */
export function stopped() {
  return new Failed({
    kind: "Stopped",
    message: t("error.stopped"),
    hint: t("error.stopped_hint"),
  });
}

/**
 * @param {unknown} thrown
 * @returns {boolean} whether it is what `AbortController.abort` makes
 */
export function isAbort(thrown) {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}

/**
 * The lines of an answer, as many together as came together.
 * @param {Response} answer
 */
async function* lines(answer) {
  if (!answer.body) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop() ?? "";
    yield parts;
  }
}
