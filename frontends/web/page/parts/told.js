// @ts-check
/**
 * Sentences of the daemon, which are written for terminals: where the page does what a command
 * does, a link to that part of it; else the command, told apart from the words around it.
 */

import { h } from "../base/dom.js";
import { plainName } from "../base/look.js";
import { at, folder } from "../base/routes.js";
import { t } from "../base/text.js";

const AT_END = /: '(holdfast [^']+)'$/;
/** What to do about it, behind what is said. */

const CODE = /'(holdfast [^']+|[a-z_]+)'|(config\.toml|\[network\])/;
/** Commands, and settings where there are any. */

/** @type {[RegExp, () => {to: string, said: string}][]} */
const PLACES = [
  [/^(accept|requests|contacts|verify|follow|unblock)\b/, () => place("people", t("nav.people"))],
  [/^(notifications|feed|post)\b/, () => place("feed", t("nav.feed"))],
  [/^trash\b/, () => place("trash", t("nav.trash"))],
  [/^shared\b/, () => place("shared", t("nav.shared"))],
  [/^(recovery|devices|factors)\b/, () => setting("security", t("settings.security"))],
  [/^(doctor|replicas)$/, () => setting("node", t("settings.node"))],
];

/**
 * @param {string} view
 * @param {string} said
 */
function place(view, said) {
  return { to: at(view), said };
}

/**
 * @param {string} subject
 * @param {string} said
 */
function setting(subject, said) {
  return { to: at("settings", [subject]), said };
}

/**
 * Something that happened.
 * @param {string} text
 * @returns {import("../base/dom.js").Child[]}
 */
export function told(text) {
  const command = AT_END.exec(text)?.[1].slice("holdfast ".length);
  const found = command === undefined ? null : lead(command);
  if (!found) return spelled(text);
  return [text.replace(AT_END, ". "), h("a", { href: found.to }, found.said)];
}

/** @param {string} command */
function lead(command) {
  const shown = /^ls (\/[^/]+)$/.exec(command);
  if (shown) return { to: folder(shown[1]), said: plainName(shown[1].slice(1)) };
  return PLACES.find(([which]) => which.test(command))?.[1]() ?? null;
}

/**
 * What can be done about something. Of what only a terminal or a file of settings can do, it is said whose that is.
 * @param {string} hint
 * @returns {import("../base/dom.js").Child[]}
 */
export function wayOut(hint) {
  if (hint.includes("config.toml")) return [t("told.runner"), " ", spelled(hint)];
  if (hint.startsWith("'holdfast ")) return [t("told.terminal"), " ", spelled(hint)];
  return spelled(hint);
}

/**
 * @param {string} text
 * @returns {import("../base/dom.js").Child[]}
 */
function spelled(text) {
  const found = CODE.exec(text);
  if (!found) return [text];
  const before = text.slice(0, found.index);
  const rest = text.slice(found.index + found[0].length);
  return [before, h("code", {}, found[1] ?? found[2]), ...spelled(rest)];
}
