// @ts-check
/**
 * Onto the person's own disk: a file as it is, several things and folders as one zip.
 *
 * The browser fetches it by an address that is good for this visit and says nothing of what is
 * behind it; so it is as large as it likes, and shown among the browser's downloads.
 */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";
import { plainName } from "../base/look.js";
import { nameOf } from "../base/paths.js";
import { t } from "../base/text.js";
import { tell } from "../parts/toast.js";
import { isFolder } from "./entries.js";

const FRAMES = 4;
/** @type {HTMLElement[]} */
const frames = [];

/**
 * @param {{path: string, name: string, kind: string}[]} entries
 * @param {string} [at] a state: as it was then
 */
export async function download(entries, at) {
  const [first] = entries;
  const then = at === undefined ? {} : { at };
  if (entries.length === 1 && !isFolder(first))
    fetchFrom((await post("web/show", { path: first.path, save: true, ...then })).address);
  else {
    const name = entries.length === 1 ? nameOf(first.path) : t("download.many");
    fetchFrom(
      (
        await post("web/zip", {
          paths: entries.map((each) => each.path),
          name: `${name}.zip`,
          ...then,
        })
      ).address,
    );
  }
  tell(t("download.begun", { count: entries.length, name: plainName(first.name) }));
}

/**
 * In a frame: were it refused, the page itself would still be here.
 * @param {string} address
 */
export function fetchFrom(address) {
  const frame = h("iframe", { src: address, hidden: true, title: "" });
  document.body.append(frame);
  frames.push(frame);
  while (frames.length > FRAMES) frames.shift()?.remove();
}
