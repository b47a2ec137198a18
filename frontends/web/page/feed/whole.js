// @ts-check
/** Asking for one post with everything that was said to it. */

import { Failed, post } from "../base/api.js";

/** @typedef {{id: string, under: string, who: string, text: string, time: number, edits: number, depth: number, waiting: boolean}} Said a comment or a reaction */
/** @typedef {{text: string, until: number}} Before */
/** @typedef {import("./item.js").Item & {text: string, before: Before[]}} Post */

/**
 * @typedef {object} Whole
 * @property {Post} post
 * @property {Said[]} comments
 * @property {Said[]} reactions
 * @property {Failed[]} problems
 */

/**
 * @param {string} id
 * @param {string} [who]
 * @returns {Promise<Whole>}
 */
export async function whole(id, who) {
  /** @type {any} */
  const found = { comments: [], reactions: [], problems: [] };
  const line = (/** @type {string} */ kind, /** @type {any} */ value) => {
    if (kind === "post") found.post = value;
    else if (kind === "comment") found.comments.push(value);
    else if (kind === "reaction") found.reactions.push(value);
    else if (kind === "problem") found.problems.push(new Failed(value));
  };
  await post("post/show", { post: id, ...(who && { who }) }, { line });
  return found;
}
