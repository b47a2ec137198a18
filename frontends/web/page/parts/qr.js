// @ts-check
/** A QR code, drawn by the browser from what the daemon says of it. */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";

const SVG = "http://www.w3.org/2000/svg";
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
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${side} ${side}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  const path = document.createElementNS(SVG, "path");
  const dark = rows.flatMap((row, y) =>
    [...row].map((each, x) => (each === "1" ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "")),
  );
  path.setAttribute("d", dark.join(""));
  svg.append(path);
  return h("div", { class: "qr", role: "img", "aria-label": label }, svg);
}
