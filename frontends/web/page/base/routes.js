// @ts-check
/**
 * Where one is: behind the `#` of the address, which no browser sends anywhere.
 *
 * `#/files/alice/photos` is the view `files` with the rest `["alice", "photos"]`.
 */

import { parentOf, parts } from "./paths.js";

/** @typedef {{view: string, rest: string[], asked: URLSearchParams}} Place */

/**
 * Read what is behind `#`.
 * @param {string} hash
 * @returns {Place}
 */
export function read(hash) {
  const [where, asked = ""] = hash.replace(/^#\/?/, "").split("?");
  const [view = "", ...rest] = where.split("/").filter(Boolean).map(decoded);
  return { view, rest, asked: new URLSearchParams(asked) };
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // typed by hand, with a stray %
  }
}

/**
 * The address of a place, for a link.
 * @param {string} view
 * @param {string[]} [rest]
 * @param {Record<string, string>} [asked]
 */
export function at(view, rest = [], asked = {}) {
  const path = [view, ...rest].map(encodeURIComponent).join("/");
  const more = new URLSearchParams(asked).toString();
  return `#/${path}${more ? `?${more}` : ""}`;
}

/**
 * The address of a folder.
 * @param {string} path
 */
export function folder(path) {
  return at("files", parts(path));
}

/**
 * The address of the folder that something is in, where it is chosen then.
 * @param {string} path
 */
export function whereIs(path) {
  return at("files", parts(parentOf(path)), { show: path });
}

/**
 * The address of one file, shown.
 * @param {string} path
 */
export function file(path) {
  return at("open", parts(path));
}

/**
 * Go there. `instead`: the way back leads to where one was before this place.
 * @param {string} hash
 * @param {boolean} [instead]
 */
export function go(hash, instead = false) {
  if (!instead) location.hash = hash;
  else {
    history.replaceState(null, "", hash);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  }
}
