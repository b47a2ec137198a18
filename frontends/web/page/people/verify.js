// @ts-check
/** Comparing safety numbers: the one way to be sure that somebody is who they say. */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { dialog, form } from "../parts/dialog.js";
import { qrCode } from "../parts/qr.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";

/**
 * @param {import("./contacts.js").Contact} each
 * @param {() => void} load
 */
export function verify(each, load) {
  const place = h("div", { class: "stack" });
  const shown = dialog(t("verify.of", { name: each.name }), [
    h("p", { class: "soft" }, t("verify.said", { name: each.name })),
    place,
  ]);
  void arriving(place, async () => {
    const found = await post("verify", { who: each.name });
    const confirm = !found.verified;
    const asked = form(
      [],
      confirm ? t("verify.same") : t("verify.take_back"),
      async () => {
        await post("verify", { who: each.name, confirm });
        shown.close();
        load();
        tell(
          confirm ? t("verify.done", { name: each.name }) : t("verify.undone", { name: each.name }),
        );
      },
      { icon: "shield" },
    );
    return [
      h("p", { class: "safety" }, found.number.match(/\S{1,5}/g).join(" ")),
      await qrCode(found.number.replace(/\s/g, ""), t("verify.qr")),
      asked,
    ];
  });
}
