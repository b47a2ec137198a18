// @ts-check
/** Video and sound, by the browser's own player. */

import { h } from "../base/dom.js";
import { plainName } from "../base/look.js";
import { t } from "../base/text.js";
import { kindOf } from "../drive/kinds.js";
import { addressOf } from "./content.js";

/** @type {import("./view.js").Viewer} */
export async function showMedia(entry) {
  const src = await addressOf(entry);
  const props = {
    src,
    controls: true,
    preload: "metadata",
    "aria-label": plainName(entry.name),
  };
  const player = kindOf(entry) === "video" ? h("video", props) : h("audio", props);
  const element = h("div", { class: "media" }, player);
  player.addEventListener("error", () =>
    element.replaceChildren(h("p", { class: "notice bad" }, t("viewer.broken"))),
  );
  return { element, leave: () => player.pause() };
}
