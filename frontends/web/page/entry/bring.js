// @ts-check
/**
 * Going on from an exported file: it is handed in, sealed as it is; then it opens with its password.
 *
 * What came before it broke off is kept by the daemon for a week: who chooses the same file again goes on.
 */

import { asFailed, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { size } from "../base/look.js";
import { give, markOf } from "../base/sending.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { form } from "../parts/dialog.js";
import { field, password, tick } from "../parts/fields.js";
import { progressLine } from "../parts/progress.js";
import { lacking } from "../settings/moving.js";

/** @typedef {{file: string, device_secret: boolean}} Handed */
/** @typedef {{moved: true, handle: string, problems: {message: string}[]}} Arrived */
/** @typedef {Arrived | {moved: false, code: string, spaces: import("../settings/moving.js").Lack[]}} Brought */

/**
 * The first step: the file.
 * @param {HTMLElement} card
 * @param {() => void} back
 */
export function bring(card, back) {
  const stop = new AbortController();
  const leave = () => (stop.abort(), back());
  const chosen = field(t("bring.file"), { type: "file" }, t("bring.file_help"));
  const progress = progressLine(t("bring.coming"));
  const asked = form(
    [chosen.element, progress.element],
    t("go_on"),
    async () => {
      const file = chosen.input.files?.[0];
      if (!file) return chosen.input.focus();
      const handed = await handOver(file, stop.signal, progress);
      open(card, file, handed, () => bring(card, back));
    },
    { more: [backButton(leave)] },
  );
  fill(card, h("h1", {}, t("bring.title")), h("p", { class: "soft" }, t("bring.said")), asked);
  chosen.input.focus();
}

/** @param {() => void} back */
function backButton(back) {
  return h("button", { type: "button", class: "plain", onclick: back }, t("back"));
}

/**
 * @param {File} file
 * @param {AbortSignal} signal
 * @param {ReturnType<typeof progressLine>} progress
 * @returns {Promise<Handed>}
 */
async function handOver(file, signal, progress) {
  const coming = { size: file.size, mark: markOf(file) };
  const { offset } = await post("import/begin", coming, { signal });
  const moves = (/** @type {number} */ sent) =>
    progress.line("progress", { bytes: offset + sent, total_bytes: file.size });
  moves(0);
  const values = { ...coming, offset };
  const lines = await give("import/take", values, file.slice(offset), signal, moves);
  return lines.at(-1).done;
}

/**
 * The second: what opens it, and where the account is to live.
 * @param {HTMLElement} card
 * @param {File} file
 * @param {Handed} handed
 * @param {() => void} back
 */
function open(card, file, handed, back) {
  const secret = password(t("password"), "current-password", t("bring.password_help"));
  const plain = { autocomplete: "off", spellcheck: "false" };
  const words = field(t("signin.device"), plain, t("bring.device_help"));
  words.element.hidden = !handed.device_secret;
  const stay = tick(t("signin.stay"), true, t("signin.stay_help"));
  const to = field(t("signup.at"), plain, t("kit.invite_help"));
  const elsewhere = h("details", {}, h("summary", {}, t("signup.elsewhere")), to.element);
  const name = field(t("kit.name"), { maxlength: 32 }, t("kit.name_help"));
  name.element.hidden = true;
  const anyway = tick(t("bring.anyway"), false, t("bring.anyway_help"));
  anyway.element.hidden = true;
  const progress = progressLine(t("bring.title"), {
    checking: t("bring.checking"),
    bringing: t("bring.bringing"),
    switching: t("bring.switching"),
    telling: t("bring.telling"),
  });
  const values = () => ({
    file: handed.file,
    password: secret.input.value,
    stay: stay.input.checked,
    without_old_home: anyway.input.checked,
    ...(words.input.value && { device_secret: words.input.value.trim() }),
    ...(to.input.value && { to: to.input.value.trim() }),
    ...(name.input.value && { name: name.input.value.trim() }),
  });
  const work = async () => {
    try {
      await bringIt(card, values, progress, back);
    } catch (thrown) {
      const { kind } = asFailed(thrown);
      if (kind === "Exists") name.element.hidden = false;
      if (kind === "Unfit") anyway.element.hidden = false; // its home answers
      throw thrown;
    }
  };
  const fields = [secret, words, name, anyway, stay].map(({ element }) => element);
  const asked = form([...fields, elsewhere, progress.element], t("bring.go"), work, {
    more: [backButton(back)],
  });
  const said = t("bring.here", { name: file.name, size: size(file.size) });
  fill(card, h("h1", {}, t("bring.open")), h("p", { class: "soft" }, said), asked);
  secret.input.focus();
}

/**
 * Bring it; what the file lacks of what was seen here is shown, and agreed to, first.
 * @param {HTMLElement} card
 * @param {() => object} values
 * @param {ReturnType<typeof progressLine>} progress
 * @param {() => void} back
 * @param {string} [accept] what was shown
 */
async function bringIt(card, values, progress, back, accept) {
  await session.held(async () => {
    const asked = accept ? { ...values(), accept } : values();
    /** @type {Brought} */
    const done = await post("import", asked, { line: progress.line });
    if (done.moved) return seen(card, done);
    const agree = () => bringIt(card, values, progress, back, done.code);
    fill(
      card,
      h("h1", {}, t("bring.open")),
      lacking(done, t("bring.lacks"), agree),
      progress.element,
      backButton(back),
    );
    return undefined;
  });
  await session.refresh();
}

/**
 * Say who is back, until the person has seen it.
 * @param {HTMLElement} card
 * @param {Arrived} done
 * @returns {Promise<void>}
 */
function seen(card, { handle, problems }) {
  return new Promise((resolve) => {
    const go = h(
      "button",
      { type: "button", class: "primary", onclick: () => resolve() },
      t("go_on"),
    );
    fill(
      card,
      h("h1", {}, t("kit.back", { handle })),
      h("p", {}, t("bring.done")),
      problems.map(({ message }) => h("p", { class: "notice" }, message)),
      h("div", { class: "actions" }, go),
    );
    go.focus();
  });
}
