// @ts-check
/** A QR code, drawn by the browser from what the daemon says of it. */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";
import { drawing } from "../base/icons.js";

const QUIET = 4;
/** Fields left white around it: readers need them. */

/**
 * @param {string} text
 * @param {string} label what it is, for who cannot see it
 * @returns {Promise<HTMLElement>}
 */
export async function qrCode(text, label) {
  /** @type {{rows: string[]}} */
  const { rows } = await post("qr", { text });
  const side = rows.length + 2 * QUIET;
  const dark = rows.flatMap((row, y) =>
    [...row].map((each, x) => (each === "1" ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "")),
  );
  const svg = drawing(`0 0 ${side} ${side}`, dark.join(""));
  svg.setAttribute("shape-rendering", "crispEdges");
  return h("div", { class: "qr", role: "img", "aria-label": label }, svg);
}
