// @ts-check
/** One's identity: what friends know one by, the keys it has had, and new ones. */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { proven } from "../entry/factor.js";
import { copyable } from "../parts/copying.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";
import { keyHistory } from "../people/keys.js";
import { withPassword } from "./password.js";

/** All of it. */
export function identitySettings() {
  const place = h("div", { class: "stack" });
  const load = () =>
    arriving(place, async () => {
      /** @type {import("../people/keys.js").History} */
      const found = await post("identity/history");
      return [copyable(found.handle), h("h3", {}, t("records.title")), keyHistory(found)];
    });
  void load();
  return section(
    t("identity.title"),
    h("p", { class: "soft" }, t("identity.said")),
    place,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: () => renew(load) }, t("identity.renew")),
    ),
  );
}

/** @param {() => Promise<void>} load */
function renew(load) {
  withPassword(t("identity.renew"), t("identity.renew_said"), async (secret, body) => {
    await proven(body, await post("identity/rotate", { password: secret }));
    await load();
    tell(t("identity.renewed"));
  });
}
