// @ts-check
/**
 * Files beside a post: images are seen, films and sound are played where they stand, everything else
 * is opened. Nothing is fetched of a film before somebody wants to see it.
 */

import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { plainName, size } from "../base/look.js";
import { file } from "../base/routes.js";
import { t } from "../base/text.js";
import { kindOf } from "../drive/kinds.js";
import { picture, sign } from "../drive/pictures.js";
import { attempt } from "../parts/toast.js";
import { showMedia } from "../viewers/media.js";

/** @typedef {{path: string, name: string, size: number, type?: string}} Medium */

/** @param {Medium[]} all */
export function media(all) {
  if (!all.length) return null;
  const alone = all.length === 1 ? "post-media alone" : "post-media";
  return h("div", { class: alone }, all.map(medium));
}

/** @param {Medium} each */
function medium(each) {
  const entry = { ...each, kind: /** @type {const} */ ("file") };
  const kind = kindOf(entry);
  const said = h("span", { class: "soft" }, `${plainName(each.name)} · ${size(each.size)}`);
  if (kind === "video" || kind === "audio") return played(entry, said);
  return h("a", { href: file(each.path) }, picture(entry), said);
}

/**
 * @param {import("../drive/entries.js").Entry} entry
 * @param {HTMLElement} said
 */
function played(entry, said) {
  const place = h("div", { class: "playing" });
  const label = t("media.play", { name: plainName(entry.name) });
  const play = () =>
    attempt(async () => {
      const { element } = await showMedia(entry, new AbortController().signal);
      fill(place, element, said);
      element.querySelector(/** @type {"video"} */ ("video, audio"))?.focus();
    });
  const button = h(
    "button",
    { type: "button", class: "play", "aria-label": label, onclick: play },
    sign(entry),
    icon("play"),
  );
  fill(place, button, said);
  return place;
}
