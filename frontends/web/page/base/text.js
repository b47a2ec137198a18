// @ts-check
/**
 * Every text of the page, in the person's language: `t("drive.empty")`.
 *
 * `words/en.js` has all of them; a language that lacks one falls back to it. A text with
 * `{name}` is filled from `values`; one of several forms is chosen by `values.count`.
 */

import { chosen } from "./choices.js";
import { words as english } from "./words/en.js";

/** @typedef {keyof typeof english} Word */
/** @typedef {string | Partial<Record<Intl.LDMLPluralRule, string>>} Text */

/** Language tags that there is a file for, with their own names. */
export const LANGUAGES = { en: "English", de: "Deutsch" };

/** @type {Partial<Record<Word, Text>>} */
let words = english;
let language = "en";
let plural = new Intl.PluralRules("en");

/** Load the language that was chosen, or the first that the browser wants and there is. */
export async function loadLanguage() {
  const wanted = [chosen("language"), ...navigator.languages.map((each) => each.split("-")[0])];
  const found = wanted.find((each) => each in LANGUAGES) ?? "en";
  if (found !== "en") words = (await import(`./words/${found}.js`)).words;
  language = found;
  plural = new Intl.PluralRules(found);
  document.documentElement.lang = found;
}

/** The tag of the language that is shown, for numbers and dates: as the browser's own country writes them. */
export function tongue() {
  return navigator.languages.find((each) => each.split("-")[0] === language) ?? language;
}

/**
 * A text.
 * @param {Word} word
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(word, values = {}) {
  return filled(words[word] ?? english[word], values, plural);
}

/**
 * A text, chosen by `values.count` and filled.
 * @param {Text} text
 * @param {Record<string, string | number>} values
 * @param {Intl.PluralRules} rules
 */
export function filled(text, values, rules) {
  const form =
    typeof text === "string" ? text : (text[rules.select(Number(values.count ?? 0))] ?? text.other);
  return String(form).replace(/\{(\w+)\}/g, (all, name) =>
    Object.hasOwn(values, name) ? String(values[name]) : all,
  );
}
