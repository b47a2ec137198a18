// @ts-check
/** The devices one is signed in on: what they are called, which is this one, shutting one out. */

import { look, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { plainName, when } from "../base/look.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { proven } from "../entry/factor.js";
import { askText } from "../parts/dialog.js";
import { tick } from "../parts/fields.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { newPassword } from "../parts/strength.js";
import { tell } from "../parts/toast.js";
import { withPassword } from "./password.js";

/**
 * @typedef {object} Device
 * @property {string} key
 * @property {string | null} name none of one that never said what it is
 * @property {"here" | "in" | "out" | "revoked"} standing
 * @property {number | null} since
 * @property {number | null} seen
 * @property {number | null} revoked
 */

/** All of them. */
export function deviceSettings() {
  const place = h("div", { class: "stack" });
  const load = () =>
    arriving(place, async () => {
      /** @type {{devices: Device[], renewal: {done: number, of: number} | null}} */
      const { devices, renewal } = await look("devices");
      return h(
        "div",
        { class: "stack" },
        h(
          "ul",
          { class: "rows" },
          devices.map((each) => line(each, load)),
        ),
        renewal && h("p", { class: "soft", role: "status" }, t("devices.renewing", renewal)),
      );
    });
  void load();
  return section(t("devices.title"), h("p", { class: "soft" }, t("devices.said")), place);
}

/**
 * @param {Device} each
 * @param {() => void} load
 */
function line(each, load) {
  const name = each.name ? plainName(each.name) : t("devices.nameless");
  const button = (/** @type {string} */ label, /** @type {() => void} */ go) =>
    h("button", { type: "button", "aria-label": `${label}: ${name}`, onclick: go }, label);
  const [isHere, isRevoked] = [each.standing === "here", each.standing === "revoked"];
  return h(
    "li",
    { "aria-current": isHere ? "true" : null },
    icon(isHere ? "check" : isRevoked ? "close" : "node"),
    h(
      "span",
      { class: "grow" },
      h("strong", {}, h("bdi", {}, name)),
      h("span", { class: "soft" }, [standing(each), ...times(each)].join(" · ")),
    ),
    !isRevoked && button(t("devices.name"), () => rename(each, load)),
    !isHere && !isRevoked && button(t("devices.revoke"), () => revoke(each, name, load)),
  );
}

/** @param {Device} each */
function standing({ standing, revoked }) {
  return {
    here: () => t("devices.here"),
    in: () => t("devices.in"),
    out: () => t("devices.out"),
    revoked: () => t("devices.revoked", { time: revoked ? when(revoked) : "?" }),
  }[standing]();
}

/** @param {Device} each */
function times({ since, seen }) {
  return [
    since && t("devices.since", { time: when(since) }),
    seen && t("devices.seen", { time: when(seen) }),
  ].filter(Boolean);
}

/**
 * @param {Device} each
 * @param {() => void} load
 */
function rename(each, load) {
  const how = { label: t("name"), said: t("editor.save"), value: each.name ?? "" };
  askText(t("devices.name"), how, async (name) => {
    await post("devices/name", { device: each.key, name });
    load();
  });
}

/**
 * What it does and does not do is said before; another password may be had along with it.
 * @param {Device} each
 * @param {string} name
 * @param {() => void} load
 */
function revoke(each, name, load) {
  const next = newPassword(t("password.next"), () => session.myself().name);
  const also = tick(t("devices.password_too"), false, t("devices.password_too_said"));
  const show = () => {
    next.element.hidden = !also.input.checked;
  };
  also.input.addEventListener("change", show);
  show();
  const said = [t("devices.does"), t("devices.does_not")].map((each) => h("p", {}, each));
  const work = async (/** @type {string} */ secret, /** @type {HTMLElement} */ body) => {
    const password = also.input.checked && { new: next.input.value, weak: next.isWeak() };
    const asked = { device: each.key, password: secret, ...password };
    await proven(body, await post("devices/revoke", asked));
    load();
    tell(t("devices.is_out", { name }));
  };
  withPassword(t("devices.revoke_one", { name }), "", work, [...said, also.element, next.element]);
}
