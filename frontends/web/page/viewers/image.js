// @ts-check
/** An image: as large as fits, or as large as it is. */

import { h } from "../base/dom.js";
import { plainName } from "../base/look.js";
import { t } from "../base/text.js";
import { addressOf } from "./content.js";

/** @type {import("./view.js").Viewer} */
export async function showImage(entry) {
  const image = h("img", {
    alt: plainName(entry.name),
    src: await addressOf(entry),
  });
  const button = h(
    "button",
    {
      type: "button",
      class: "image-frame",
      "aria-label": t("viewer.zoom"),
      onclick: () => element.classList.toggle("whole"),
    },
    image,
  );
  const element = h("div", { class: "image" }, button);
  image.addEventListener("error", () =>
    button.replaceWith(h("p", { class: "notice bad" }, t("viewer.broken"))),
  );
  return { element };
}
