// @ts-check
/** Contacts: asking for them, and how each stands, in words. */

import { list } from "../base/api.js";
import { h } from "../base/dom.js";
import { when } from "../base/look.js";
import { t } from "../base/text.js";

/**
 * @typedef {object} Contact
 * @property {string} name
 * @property {string} handle
 * @property {boolean} following
 * @property {boolean} follower
 * @property {boolean} asked I asked, and wait
 * @property {boolean} blocked
 * @property {number | null} verified
 * @property {string | null} alarm
 * @property {number | null} left when they left their home, in ms
 * @property {number} since
 */

/** @returns {Promise<Contact[]>} */
export function contacts() {
  return list("contacts", {}, "contact");
}

/** Whether something can be shared with them. @param {Contact} each */
export function seesMine({ follower, blocked }) {
  return follower && !blocked;
}

/** @param {Contact} each */
export function standing(each) {
  if (each.blocked) return t("people.blocked");
  if (each.left) return t("people.left_on", { time: when(each.left) });
  if (each.following && each.follower) return t("people.both");
  if (each.following) return t("people.following");
  if (each.asked) return each.follower ? t("people.follower_asked") : t("people.asked");
  return each.follower ? t("people.follower") : t("people.neither");
}

/** @param {Contact} each */
export function badges(each) {
  return [
    each.verified ? h("span", { class: "badge good" }, t("verify.badge")) : null,
    each.left ? h("span", { class: "badge" }, t("people.left")) : null,
    each.alarm ? h("span", { class: "badge bad" }, t("people.alarm")) : null,
  ];
}
