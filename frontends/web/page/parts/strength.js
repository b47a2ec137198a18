// @ts-check
/** A new password: judged while it is typed, with one made by chance on offer. */

import { asFailed, isAbort, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { later } from "../base/signal.js";
import { t } from "../base/text.js";
import { password, tick } from "./fields.js";

const AFTER = 150;
const MOST = 14;
/** Of guesses, the decimal logarithm at which the meter is full. */

/**
 * @typedef {object} NewPassword
 * @property {HTMLElement} element
 * @property {HTMLInputElement} input
 * @property {() => boolean} isWeak whether the person wants it although it is weak
 */

/**
 * @param {string} label
 * @param {() => string} name of the account: guessed first
 * @returns {NewPassword}
 */
export function newPassword(label, name) {
  const made = password(label, "new-password");
  const meter = h("meter", {
    min: 0,
    max: MOST,
    low: 5,
    high: 8,
    optimum: MOST,
    value: 0,
    "aria-label": t("password.strength"),
  });
  const said = h("p", { class: "help", "aria-live": "polite" }, t("password.why"));
  const anyway = tick(t("password.weak"), false);
  anyway.element.hidden = true;
  let stop = new AbortController();
  const judge = later(async () => {
    stop.abort();
    stop = new AbortController();
    try {
      show(
        await post(
          "password/judge",
          { password: made.input.value, name: name() },
          { signal: stop.signal },
        ),
      );
    } catch (thrown) {
      if (!isAbort(thrown)) fill(said, asFailed(thrown).said);
    }
  }, AFTER);
  const show = (/** @type {{guesses: number, weak: boolean, advice: string[]}} */ found) => {
    const any = made.input.value !== "";
    meter.value = any ? found.guesses : 0;
    anyway.element.hidden = !any || !found.weak;
    const advice = found.weak ? found.advice.join(" ") || t("password.longer") : t("password.good");
    fill(said, any ? advice : t("password.why"));
  };
  made.input.addEventListener("input", judge);
  const offered = h("div", { class: "offered" });
  void offer(offered, (words) => {
    made.input.value = words;
    made.input.type = "text"; // it has to be written down
    judge();
  });
  made.element.append(meter, said, offered, anyway.element);
  return {
    element: made.element,
    input: made.input,
    isWeak: () => !anyway.element.hidden && anyway.input.checked,
  };
}

/**
 * @param {HTMLElement} place
 * @param {(words: string) => void} take
 */
async function offer(place, take) {
  const { passphrase } = await post("passphrase");
  const another = h(
    "button",
    { type: "button", class: "plain", onclick: () => offer(place, take) },
    t("password.another"),
  );
  const use = h(
    "button",
    { type: "button", onclick: () => take(passphrase) },
    icon("check"),
    t("password.take"),
  );
  fill(
    place,
    h("p", { class: "help" }, t("password.offer")),
    h("code", {}, passphrase),
    h("div", { class: "buttons" }, use, another),
  );
}
