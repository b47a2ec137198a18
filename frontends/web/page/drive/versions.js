// @ts-check
/** The versions of a file that are kept: looked at, taken, put back. */

import { list, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { moment, plainName, size } from "../base/look.js";
import { t } from "../base/text.js";
import { toolButton } from "../parts/buttons.js";
import { dialog } from "../parts/dialog.js";
import { arriving, empty } from "../parts/states.js";
import { attempt, tell, undoing } from "../parts/toast.js";
import { touch } from "./actions.js";
import { download } from "./download.js";

/** @param {{path: string, name: string}} entry */
export function showVersions(entry) {
  const place = h("div", {});
  const shown = dialog(t("versions.of", { name: plainName(entry.name) }), [
    h("p", { class: "soft" }, t("versions.said")),
    place,
  ]);
  void arriving(place, async () => {
    const found = await list("versions", { path: entry.path }, "version");
    if (found.length < 2) return empty("history", t("versions.none"), t("versions.none_said"));
    return h(
      "ol",
      { class: "rows" },
      found.map((each, index) => line(entry, each, found[0], index === 0, shown.close)),
    );
  });
}

/**
 * @param {{path: string, name: string}} entry
 * @param {any} version
 * @param {any} newest
 * @param {boolean} isNewest
 * @param {() => void} close
 */
function line(entry, version, newest, isNewest, close) {
  const who = version.who ? ` · ${version.who}` : "";
  const back = () =>
    attempt(async () => {
      await restore(entry.path, version.state);
      close();
      tell(
        t("versions.restored", { time: moment(version.since) }),
        undoing(() => restore(entry.path, newest.state)),
      );
    });
  return h(
    "li",
    {},
    h(
      "span",
      { class: "grow" },
      h("strong", {}, isNewest ? t("versions.now") : moment(version.since)),
      h(
        "span",
        { class: "soft" },
        `${isNewest ? moment(version.since) : ""} ${size(version.size)}${who}`,
      ),
    ),
    toolButton("download", t("drive.download"), () =>
      attempt(() => download([{ ...entry, kind: "file" }], String(version.state))),
    ),
    !isNewest && h("button", { type: "button", onclick: back }, t("versions.restore")),
  );
}

/**
 * @param {string} path
 * @param {number} state
 */
async function restore(path, state) {
  await post("restore", { path, at: String(state) });
  touch([path], [path]);
}
