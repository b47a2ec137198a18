// @ts-check
/** Invites to one's own node: for an account of somebody, or for a replica of what they have elsewhere. */

import { look, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { moment, size } from "../base/look.js";
import { t } from "../base/text.js";
import { copyable } from "../parts/copying.js";
import { dialog, form } from "../parts/dialog.js";
import { field, oneOf } from "../parts/fields.js";
import { section } from "../parts/page.js";
import { qrCode } from "../parts/qr.js";
import { arriving } from "../parts/states.js";
import { attempt, tell } from "../parts/toast.js";
import { GB, roomField } from "./room.js";

const DAYS = 7;
const ROOM = 50;

/** @typedef {{id: string, created: number, expires: number, quota: number | null, used_by: string | null, replica: boolean}} Invite */

/** All that were made, and one more. */
export function inviteSettings() {
  const place = h("div", { class: "stack" });
  const load = () =>
    arriving(place, async () => {
      /** @type {{invites: Invite[]}} */
      const { invites } = await look("node/invites");
      if (!invites.length) return h("p", { class: "soft" }, t("invites.none"));
      const newest = invites.toSorted((a, b) => b.created - a.created);
      return h(
        "ul",
        { class: "rows" },
        newest.map((each) => line(each, load)),
      );
    });
  void load();
  const button = h(
    "button",
    { type: "button", onclick: () => make(load) },
    icon("plus"),
    t("invites.make"),
  );
  return section(
    t("invites.title"),
    h("p", { class: "soft" }, t("invites.said")),
    place,
    h("div", { class: "buttons" }, button),
  );
}

/**
 * @param {Invite} each
 * @param {() => void} load
 */
function line(each, load) {
  const isOver = each.expires <= Date.now();
  const isOpen = !each.used_by && !isOver;
  const withdraw = () =>
    attempt(async () => {
      await post("node/revoke", { invite: each.id });
      load();
      tell(t("invites.withdrawn"));
    });
  const said = [
    each.replica ? t("invites.replica") : t("invites.account"),
    each.quota ? size(each.quota) : "",
    t("invites.made", { time: moment(each.created) }),
  ];
  return h(
    "li",
    {},
    icon(each.replica ? "node" : "people"),
    h(
      "span",
      { class: "grow" },
      h("strong", {}, standing(each, isOver)),
      h("span", { class: "soft" }, said.filter(Boolean).join(" · ")),
    ),
    isOpen && h("button", { type: "button", onclick: withdraw }, t("invites.withdraw")),
  );
}

/**
 * @param {Invite} each
 * @param {boolean} isOver
 */
function standing({ used_by, expires }, isOver) {
  if (used_by) return t("invites.used", { who: used_by });
  return isOver ? t("invites.over") : t("invites.until", { time: moment(expires) });
}

/** @param {() => void} load */
function make(load) {
  const what = oneOf(t("invites.for"), [
    { value: "invite", said: t("invites.account"), help: t("invites.account_help") },
    { value: "node/replicas/allow", said: t("invites.replica"), help: t("invites.replica_help") },
  ]);
  const room = roomField(t("invites.room"), ROOM, t("invites.room_help"));
  const days = field(t("invites.days"), { type: "number", min: 1, max: 366, value: DAYS });
  const asked = form([what.element, room.element, days.element], t("invites.make"), async () => {
    const bytes = Math.round(room.input.valueAsNumber * GB) || 0;
    const limit = what.chosen() === "invite" ? { quota: bytes } : { ceiling: bytes };
    const done = await post(what.chosen(), { ...limit, days: days.input.valueAsNumber || 0 });
    shown.close();
    load();
    await show(done);
  });
  const shown = dialog(t("invites.make"), [asked]);
}

/**
 * The invite, once: the node keeps no copy of its code.
 * @param {{invite: string, days: number}} made
 */
async function show({ invite, days }) {
  dialog(t("invites.one"), [
    h("p", {}, t("invites.give", { count: days })),
    copyable(invite),
    await qrCode(invite, t("invites.qr")),
  ]);
}
