// @ts-check
/** All of the account as one sealed file, onto the person's own disk. */

import { asFailed, isAbort, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { t } from "../base/text.js";
import { fetchFrom } from "../drive/download.js";
import { proven } from "../entry/factor.js";
import { dialog } from "../parts/dialog.js";
import { section } from "../parts/page.js";
import { progressLine } from "../parts/progress.js";
import { failed } from "../parts/states.js";
import { attempt, tell } from "../parts/toast.js";
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
    const { address } = await post("web/export", { ready });
    fetchFrom(address);
    void follow(address);
  });
}

/**
 * Say how far the browser is, and how it ended: also to who has closed this meanwhile.
 * @param {string} address
 */
async function follow(address) {
  const progress = progressLine(t("export.begin"));
  const shown = dialog(t("export.begin"), [h("p", {}, t("export.begun")), progress.element]);
  try {
    await post("web/export/follow", { address }, { line: progress.line });
  } catch (thrown) {
    if (isAbort(thrown)) return;
    if (shown.signal.aborted) await attempt(() => Promise.reject(thrown));
    else
      fill(
        shown.body,
        failed(asFailed(thrown), () => (shown.close(), exportAccount())),
      );
    return;
  }
  if (shown.signal.aborted) return tell(t("export.done"));
  fill(
    shown.body,
    h("p", { role: "status" }, icon("check"), " ", t("export.done")),
    h("p", { class: "soft" }, t("export.keep")),
    h(
      "div",
      { class: "actions" },
      h("button", { type: "button", class: "primary", onclick: shown.close }, t("close")),
    ),
  );
  shown.body.querySelector("button")?.focus();
}
