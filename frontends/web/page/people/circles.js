// @ts-check
/** Circles: people under one name, with whom things are shared together. */

import { list, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { t } from "../base/text.js";
import { avatar } from "../parts/avatar.js";
import { askText, dialog, form } from "../parts/dialog.js";
import { tick } from "../parts/fields.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";
import { EVERYBODY } from "../sharing/audience.js";
import { seesMine } from "./contacts.js";

/** @typedef {{circle: string, members: string[], circles: string[], people: number}} Circle */

/** @param {import("./contacts.js").Contact[]} contacts */
export function circlesSection(contacts) {
  const place = h("div", {});
  const load = () =>
    arriving(place, async () => {
      /** @type {Circle[]} */
      const all = await list("circle/list", {}, "circle");
      if (!all.length) return h("p", { class: "soft" }, t("circles.none"));
      return h(
        "ul",
        { class: "rows" },
        all.map((each) => line(each, contacts, load)),
      );
    });
  void load();
  const add = () =>
    askText(t("circles.new"), { label: t("name"), said: t("create") }, async (circle) => {
      await post("circle/new", { circle });
      void load();
    });
  return section(
    t("circles.title"),
    place,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: add }, icon("plus"), t("circles.new")),
    ),
  );
}

/**
 * @param {Circle} each
 * @param {import("./contacts.js").Contact[]} contacts
 * @param {() => void} load
 */
function line(each, contacts, load) {
  const isEverybody = each.circle === EVERYBODY; // who is in it, following decides
  const inside = [...each.circles, ...each.members].join(", ") || t("circles.empty");
  return h(
    "li",
    {},
    avatar(each.circle, { circle: true }),
    h(
      "span",
      { class: "grow" },
      h("strong", {}, isEverybody ? t("share.everybody") : each.circle),
      h("span", { class: "soft" }, inside),
    ),
    !isEverybody &&
      h(
        "button",
        { type: "button", onclick: () => change(each, contacts, load) },
        t("share.change"),
      ),
  );
}

/**
 * @param {Circle} each
 * @param {import("./contacts.js").Contact[]} contacts
 * @param {() => void} load
 */
function change(each, contacts, load) {
  const before = new Set(each.members);
  const followers = contacts.filter((one) => seesMine(one) || before.has(one.name));
  const ticks = followers.map(({ name }) => ({
    name,
    made: tick(name, before.has(name)),
  }));
  const end = h(
    "button",
    {
      type: "button",
      class: "danger",
      onclick: () => remove(each, load, shown.close),
    },
    t("circles.delete"),
  );
  const none = !ticks.length && h("p", { class: "notice" }, t("share.no_contacts"));
  const asked = form(
    [
      h("p", { class: "soft" }, t("circles.said")),
      none,
      h(
        "div",
        { class: "stack" },
        ticks.map(({ made }) => made.element),
      ),
    ],
    t("editor.save"),
    async () => {
      const added = ticks
        .filter(({ name, made }) => made.input.checked && !before.has(name))
        .map(({ name }) => name);
      const removed = ticks
        .filter(({ name, made }) => !made.input.checked && before.has(name))
        .map(({ name }) => name);
      if (added.length) await post("circle/add", { circle: each.circle, who: added });
      if (removed.length) await post("circle/remove", { circle: each.circle, who: removed });
      shown.close();
      load();
    },
    { more: [end] },
  );
  const shown = dialog(each.circle, [asked]);
}

/**
 * What it takes back from whom cannot be given again by a press, so it is said first.
 * @param {Circle} each
 * @param {() => void} load
 * @param {() => void} close
 */
function remove(each, load, close) {
  close();
  const asked = form(
    [h("p", {}, t("circles.delete_said", { name: each.circle, count: each.people }))],
    t("circles.delete"),
    async () => {
      await post("circle/delete", { circle: each.circle });
      shown.close();
      load();
      tell(t("circles.deleted", { name: each.circle }));
    },
    { danger: true },
  );
  const shown = dialog(t("circles.delete"), [asked]);
}
