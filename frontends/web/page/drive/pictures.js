// @ts-check
/** What an entry looks like: the sign of its kind, and in its place what an image shows. */

import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { ICONS, kindOf } from "./kinds.js";
import { showThumbnail } from "./thumbnails.js";

/**
 * The sign alone.
 * @param {{kind: string, name: string, type?: string}} entry
 */
export function sign(entry) {
  const kind = kindOf(entry);
  return h("span", { class: `picture ${kind}` }, icon(ICONS[kind]));
}

/**
 * The sign, until a thumbnail comes.
 * @param {import("./entries.js").Entry} entry
 */
export function picture(entry) {
  const place = sign(entry);
  if (kindOf(entry) === "image") {
    const image = h("img", {
      alt: "",
      hidden: true,
      draggable: "false",
      decoding: "async",
    });
    place.append(image);
    showThumbnail(image, entry);
  }
  return place;
}
