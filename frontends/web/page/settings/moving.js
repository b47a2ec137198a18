// @ts-check
/** Moving house: another node becomes the home, with the help of the old one or without. */

import { asFailed, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { moment } from "../base/look.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { proven } from "../entry/factor.js";
import { copyable } from "../parts/copying.js";
import { dialog, form } from "../parts/dialog.js";
import { field, password, tick } from "../parts/fields.js";
import { section } from "../parts/page.js";
import { progressLine } from "../parts/progress.js";

/** @typedef {{there: boolean, fits: boolean, changes: number | null, seq: number | null, time: number | null}} Lack */
/** @typedef {{moved: true, home: {peer: string}, problems: {message: string}[]} | {moved: false, code: string, spaces: Lack[]}} Moved */

/** What it is, and the way to it. */
export function movingSettings() {
  return section(
    t("move.title"),
    h("p", { class: "soft" }, t("move.said")),
    h("div", { class: "buttons" }, h("button", { type: "button", onclick: ask }, t("move.begin"))),
  );
}

/** Ask where to, and do it; what was cut off goes on when it is asked again. */
function ask() {
  const to = field(
    t("move.to"),
    { autocomplete: "off", spellcheck: "false", required: true },
    t("move.to_help"),
  );
  const secret = password(t("password"), "current-password");
  const gone = tick(t("move.gone"), false, t("move.gone_help"));
  const name = field(t("kit.name"), { maxlength: 32 }, t("kit.name_help"));
  name.element.hidden = true;
  const progress = progressLine(t("move.begin"));
  const place = h("div", { class: "stack" });
  const work = async (/** @type {string | null} */ accept) => {
    const asked = {
      to: to.input.value.trim(),
      password: secret.input.value,
      without_old_home: gone.input.checked,
      ...(name.input.value && { name: name.input.value.trim() }),
      ...(accept && { accept }),
    };
    try {
      /** @type {Moved} */
      const done = await proven(place, await post("move", asked, { line: progress.line }));
      fill(
        shown.body,
        done.moved ? arrived(done) : lacking(done, t("move.lacks"), () => work(done.code)),
      );
    } catch (thrown) {
      if (asFailed(thrown).kind === "Exists") name.element.hidden = false;
      throw thrown;
    }
    await session.refresh();
  };
  fill(
    place,
    form(
      [to.element, name.element, gone.element, secret.element, progress.element],
      t("move.begin"),
      () => work(null),
    ),
  );
  const shown = dialog(t("move.title"), [place]);
  to.input.focus();
}

/** @param {{home: {peer: string}, problems: {message: string}[]}} done */
function arrived({ home, problems }) {
  return [
    h("p", {}, h("strong", {}, t("move.done"))),
    copyable(home.peer),
    h("p", {}, t("move.done_said")),
    problems.map(({ message }) => h("p", { class: "notice" }, message)),
  ];
}

/**
 * What would be gone, before it is.
 * @param {{spaces: Lack[]}} found
 * @param {string} said what it is that has this
 * @param {() => Promise<void>} accept
 */
export function lacking({ spaces }, said, accept) {
  const lines = spaces.map((each, at) =>
    h("li", {}, h("strong", {}, at ? t("move.folder") : t("nav.files")), " ", standing(each)),
  );
  return [
    h("p", {}, said),
    h("ul", { class: "stack" }, lines),
    h("p", { class: "notice" }, t("move.unknown")),
    form([], t("move.accept"), accept, { danger: true }),
  ];
}

/** @param {Lack} each */
function standing({ there, fits, changes, time }) {
  if (!there) return t("move.not_there");
  const at = moment(time ?? 0);
  if (fits) return t("move.fits", { time: at });
  return changes ? t("move.behind", { count: changes, time: at }) : t("move.another", { time: at });
}
