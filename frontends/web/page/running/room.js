// @ts-check
/** The room of the node's disk: what is stored, promised and free, and giving some back. */

import { look, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { size } from "../base/look.js";
import { t } from "../base/text.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { attempt } from "../parts/toast.js";

/** How much of the disk is used, promised and free; and giving back what nothing holds. */
export function roomOfAll() {
  const place = h("div", { class: "stack" });
  const came = h("p", { role: "status" });
  const load = () => arriving(place, async () => figures(await look("node/usage")));
  void load();
  const button = h("button", { type: "button" }, t("room.collect"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    came.textContent = t("room.collecting");
    const done = await attempt(async () => {
      const { on_disk_before: before, on_disk: after } = await post("node/gc");
      const back = Math.max(0, before - after);
      came.textContent = back ? t("room.came", { size: size(back) }) : t("room.nothing");
    });
    if (!done) came.textContent = "";
    button.disabled = false;
    await load();
  });
  return section(
    t("room.title"),
    place,
    h("p", { class: "soft" }, t("room.collect_said")),
    h("div", { class: "buttons" }, button),
    came,
  );
}

/** @param {any} usage bytes */
function figures(usage) {
  const stored = usage.storage
    ? t("space.said", { used: size(usage.used), quota: size(usage.storage) })
    : size(usage.used);
  const facts = {
    [t("room.stored")]: stored,
    [t("room.promised")]: size(usage.promised),
    [t("room.on_disk")]: size(usage.on_disk),
    [t("room.free")]: t("room.kept_free", { free: size(usage.free), kept: size(usage.min_free) }),
  };
  const all = Object.entries(facts).map(([name, said]) => [h("dt", {}, name), h("dd", {}, said)]);
  return [
    usage.short && h("p", { class: "notice bad" }, t("room.short")),
    h("dl", { class: "facts" }, all),
  ];
}
