// @ts-check
/** What somebody has of a recovery kit, typed in; and what each node that was asked said to it. */

import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { moment } from "../base/look.js";
import { t } from "../base/text.js";
import { lines, oneOf } from "../parts/fields.js";

/** @typedef {{kit?: string, words?: string, shares?: string[], at?: string[]}} Kit as `recovery/rehearse` takes it */
/** @typedef {{peer: string, opens: boolean, time: number | null, problem: {message: string} | null}} Tried */

const PLAIN = { autocomplete: "off", autocapitalize: "none", spellcheck: "false" };

/**
 * @param {boolean} isOwn whether it is the kit of who is signed in: then its text need not be typed
 * @returns {{elements: HTMLElement[], kit: () => Kit}}
 */
export function kitFields(isOwn) {
  const text = lines(t("kit.text"), PLAIN, t("kit.text_help"));
  const words = lines(t("recovery.words"), PLAIN, isOwn ? undefined : t("kit.words_help"));
  const shares = shareFields();
  const at = lines(t("kit.at"), { ...PLAIN, rows: 2 }, t("kit.at_help"));
  const way = oneOf(
    t("kit.what"),
    [
      { value: "words", said: t("kit.has_words") },
      { value: "shares", said: t("kit.has_shares") },
    ],
    show,
  );
  function show() {
    words.element.hidden = way.chosen() !== "words";
    shares.element.hidden = way.chosen() !== "shares";
  }
  show();
  const more = h("details", {}, h("summary", {}, t("kit.more")), at.element);
  const kit = () => ({
    ...(!isOwn && { kit: text.input.value }),
    ...(way.chosen() === "shares"
      ? { shares: shares.typed() }
      : words.input.value.trim() && { words: words.input.value }),
    at: filledLines(at.input.value),
  });
  const first = isOwn ? [] : [text.element];
  return { elements: [...first, way.element, words.element, shares.element, more], kit };
}

/** As many shares as there are. */
function shareFields() {
  /** @type {HTMLTextAreaElement[]} */
  const areas = [];
  const list = h("div", { class: "stack" });
  const add = () => {
    const made = lines(t("kit.share", { count: areas.length + 1 }), { ...PLAIN, rows: 2 });
    areas.push(made.input);
    list.append(made.element);
    return made.input;
  };
  add();
  add();
  const another = h(
    "button",
    { type: "button", class: "plain", onclick: () => add().focus() },
    icon("plus"),
    t("kit.another_share"),
  );
  return {
    element: h("div", { class: "stack" }, list, h("div", { class: "buttons" }, another)),
    typed: () => areas.map(({ value }) => value.trim()).filter(Boolean),
  };
}

/** @param {string} text */
function filledLines(text) {
  return text
    .split("\n")
    .map((each) => each.trim())
    .filter(Boolean);
}

/**
 * What every node that was asked showed, and which shares are not what was handed out.
 * @param {{handle: string, time: number, nodes: Tried[], wrong_shares: number[]}} found
 */
export function triedKit({ handle, time, nodes, wrong_shares }) {
  const place = h("div", { class: "stack" });
  fill(
    place,
    h("p", {}, t("kit.brings", { handle, time: moment(time) })),
    h("ul", { class: "rows checks" }, nodes.map(tried)),
    wrong_shares.map((count) => h("p", { class: "notice bad" }, t("kit.wrong_share", { count }))),
  );
  return place;
}

/** @param {Tried} each */
function tried({ peer, opens, time, problem }) {
  const said = opens ? t("kit.opens", { time: moment(time ?? 0) }) : (problem?.message ?? "");
  return h(
    "li",
    { class: opens ? "good" : "warning" },
    icon(opens ? "check" : "info"),
    h("span", { class: "grow" }, h("code", {}, peer), h("span", { class: "soft" }, said)),
  );
}
