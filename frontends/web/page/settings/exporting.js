// @ts-check
/** All of the account as one sealed file, onto the person's own disk. */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { fetchFrom } from "../drive/download.js";
import { proven } from "../entry/factor.js";
import { section } from "../parts/page.js";
import { tell } from "../parts/toast.js";
import { withPassword } from "./password.js";

/** What it is, and the way to it. */
export function exportSettings() {
  const begin = h("button", { type: "button", onclick: exportAccount }, t("export.begin"));
  return section(
    t("export.title"),
    h("p", { class: "soft" }, t("export.said")),
    h("div", { class: "buttons" }, begin),
  );
}

/** Ask for the password; what comes then is among the browser's downloads. */
export function exportAccount() {
  withPassword(t("export.begin"), t("export.ask"), async (secret, body) => {
    const { ready } = await proven(body, await post("export", { path: "", password: secret }));
    fetchFrom((await post("web/export", { ready })).address);
    tell(t("export.begun"));
  });
}
