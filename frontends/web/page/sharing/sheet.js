// @ts-check
/** The sheet of one thing: letting others in, and who sees it. */

import { h } from "../base/dom.js";
import { plainName } from "../base/look.js";
import { nameOf } from "../base/paths.js";
import { at } from "../base/routes.js";
import { t } from "../base/text.js";
import { dialog, form } from "../parts/dialog.js";
import { keep } from "../parts/focus.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";
import { audience, called } from "./audience.js";
import { READS, mayFields } from "./may.js";
import { give, line, whoSees } from "./ways.js";

/** @param {string} path */
export function shareSheet(path) {
  const ways = h("div", { "aria-live": "polite" });
  const place = h("div", {});
  const shown = dialog(
    t("share.of", { name: plainName(nameOf(path)) }),
    [place, h("h3", {}, t("share.who")), ways],
    { wide: true },
  );
  const load = async () => {
    await arriving(ways, async () => {
      const found = await whoSees(path);
      if (!found.length) return h("p", { class: "soft" }, t("share.nobody_said"));
      const lines = found.map((each) => line(path, each, load));
      return h("ul", { class: "rows" }, lines);
    });
    keep();
  };
  void arriving(place, async () => {
    const all = await audience();
    const people = h("a", { href: at("people"), onclick: shown.close }, t("nav.people"));
    if (!all.length) return h("p", { class: "notice" }, t("share.no_contacts"), " ", people);
    return giving(path, all, load);
  });
  void load();
}

/**
 * @param {string} path
 * @param {import("./audience.js").Somebody[]} all
 * @param {() => Promise<void>} load
 */
function giving(path, all, load) {
  const who = h(
    "select",
    { "aria-label": t("share.with") },
    h("option", { value: "" }, t("share.with")),
    all.map((each) => h("option", { value: each.name }, called(each))),
  );
  const { how, more, chosen } = mayFields(READS);
  const go = async () => {
    if (!who.value) return who.focus();
    const done = await give(path, who.value, chosen());
    const said = { who: who.value };
    tell(done.waiting ? t("share.waiting", said) : t("share.done", said));
    [who.value, how.value, more.hidden] = ["", "read", true];
    await load();
  };
  return form([h("div", { class: "giving" }, who, how), more], t("share.go"), go, {
    icon: "shared",
  });
}
