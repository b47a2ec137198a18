// @ts-check
/** Nobody is signed in: come back to an account that was here, sign in, make one, or use a kit. */

import { fill, h } from "../base/dom.js";
import { MARK, icon } from "../base/icons.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { avatar } from "../parts/avatar.js";
import { attempt } from "../parts/toast.js";
import { restore } from "./restore.js";
import { signIn } from "./signin.js";
import { signUp } from "./signup.js";

/**
 * @param {HTMLElement} place
 * @param {"any" | "in" | "up"} [first] what is asked for
 * @param {(() => void)} [back] where one came from
 */
export function welcome(place, first = "any", back) {
  document.title = "Holdfast";
  const card = h("div", { class: "entry-card" });
  const start = () => choose(card, back);
  if (first === "in") signIn(card, "", start);
  else if (first === "up") signUp(card, start);
  else start();
  fill(place, h("main", { class: "entry" }, mark(), card));
}

/** The name, and what it promises. */
function mark() {
  return h(
    "header",
    { class: "entry-mark" },
    h("img", { src: MARK, alt: "", width: 44, height: 44 }),
    h("p", {}, "Holdfast"),
    h("p", { class: "soft" }, t("welcome.promise")),
  );
}

/**
 * @param {HTMLElement} card
 * @param {(() => void)} [back]
 */
function choose(card, back) {
  const start = () => choose(card, back);
  const known = session.known();
  fill(
    card,
    h("h1", {}, known.length ? t("welcome.back") : t("welcome.first")),
    known.length ? null : h("p", { class: "soft" }, t("welcome.first_said")),
    h(
      "div",
      { class: "stack" },
      known.map((each) => account(card, each, start)),
    ),
    h(
      "div",
      { class: "stack" },
      h(
        "button",
        {
          type: "button",
          class: known.length ? "" : "primary",
          onclick: () => signUp(card, start),
        },
        t("signup.title"),
      ),
      h(
        "button",
        { type: "button", onclick: () => signIn(card, "", start) },
        known.length ? t("signin.other") : t("signin.title"),
      ),
      h(
        "button",
        { type: "button", class: "plain", onclick: () => restore(card, start) },
        t("kit.title"),
      ),
      h(
        "button",
        { type: "button", class: "plain", onclick: () => attempt(() => bringBack(card, start)) },
        t("bring.title"),
      ),
      back && h("button", { type: "button", class: "plain", onclick: back }, t("back")),
    ),
  );
}

/**
 * @param {HTMLElement} card
 * @param {() => void} start
 */
async function bringBack(card, start) {
  const { bring } = await import("./bring.js");
  bring(card, start);
}

/**
 * @param {HTMLElement} card
 * @param {session.Account} each
 * @param {() => void} back
 */
function account(card, each, back) {
  const go = () =>
    each.signed_in ? attempt(() => session.switchTo(each.handle)) : signIn(card, each.name, back);
  const state = each.signed_in ? t("account.signed_in") : t("account.locked");
  return h(
    "button",
    { type: "button", class: "person-row", onclick: go },
    avatar(each.name),
    h("span", { class: "grow" }, h("strong", {}, each.name), h("span", { class: "soft" }, state)),
    icon(each.signed_in ? "next" : "lock"),
  );
}
