// @ts-check
/** Where one is: the heading, and each folder above as a link that things can be dropped on. */

import { h } from "../base/dom.js";
import { plainName } from "../base/look.js";
import { parts } from "../base/paths.js";
import { folder } from "../base/routes.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";

/** @param {string} path */
export function crumbs(path) {
  const mine = session.isMine(path);
  const below = parts(path).map((name, index, all) => ({
    at: `/${all.slice(0, index + 1).join("/")}`,
    said: index === 0 && mine ? t("nav.files") : plainName(name),
  }));
  const all = mine ? below : [{ at: "/", said: t("drive.everybody") }, ...below];
  const items = all.map(({ at, said }, index) => {
    const here = index === all.length - 1;
    const props = { href: folder(at), "data-path": at, "aria-current": here ? "page" : null };
    const link = h("a", props, h("bdi", {}, said));
    return h("li", {}, here ? h("h1", {}, link) : link);
  });
  return h("nav", { class: "crumbs", "aria-label": t("drive.where") }, h("ol", {}, items));
}
