// @ts-check
/** The content of a file, as something that an element can show. */

import { bytes, post } from "../base/api.js";

/**
 * Where the content is, for an element that shows it: on the site apart, at an address of this visit.
 * @param {{path: string}} entry
 * @returns {Promise<string>}
 */
export async function addressOf(entry) {
  return (await post("web/show", { path: entry.path })).address;
}

/**
 * The content as text, and how it was written.
 * @param {import("../drive/entries.js").Entry} entry
 * @param {AbortSignal} signal
 * @returns {Promise<{text: string, isText: boolean}>} `isText`: it is UTF-8, and goes back as it came
 */
export async function textOf(entry, signal) {
  const buffer = await (await bytes("cat", { paths: [entry.path] }, signal)).arrayBuffer();
  try {
    return {
      text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(buffer),
      isText: true,
    };
  } catch {
    return {
      text: new TextDecoder("windows-1252").decode(buffer),
      isText: false,
    };
  }
}
