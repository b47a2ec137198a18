// @ts-check
/** A PDF, by the browser's own viewer, on the site apart. */

import { h } from "../base/dom.js";
import { plainName } from "../base/look.js";
import { addressOf } from "./content.js";

/** @type {import("./view.js").Viewer} */
export async function showPdf(entry) {
  return {
    element: h("iframe", {
      class: "document",
      title: plainName(entry.name),
      src: await addressOf(entry),
    }),
  };
}
