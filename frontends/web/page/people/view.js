// @ts-check
/** Everybody I know, who asks to know me, my circles; or one of them. */

import { list, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { ago } from "../base/look.js";
import { at } from "../base/routes.js";
import { t } from "../base/text.js";
import { events } from "../base/watch.js";
import { avatar } from "../parts/avatar.js";
import { page, section } from "../parts/page.js";
import { arriving, empty } from "../parts/states.js";
import { attempt, tell } from "../parts/toast.js";
import { addSomebody, showCard } from "./card.js";
import { circlesSection } from "./circles.js";
import { badges, contacts, standing } from "./contacts.js";
import { personView } from "./person.js";

/**
 * @param {import("../base/routes.js").Place} where
 * @returns {import("../shell/shell.js").View}
 */
export function peopleView(where) {
  if (where.rest.length) return personView(where.rest[0]);
  const place = h("div", { class: "stack wide-gaps" });
  const load = () =>
    arriving(place, async () => {
      const [asking, all] = await Promise.all([list("requests", {}, "request"), contacts()]);
      return [
        asking.length > 0 &&
          section(
            t("people.requests"),
            h(
              "ul",
              { class: "rows" },
              asking.map((each) => request(each, load)),
            ),
          ),
        all.length
          ? section(t("people.contacts"), h("ul", { class: "rows" }, all.map(line)))
          : nobody(load),
        circlesSection(all),
      ];
    });
  void load();
  const actions = [
    h("button", { type: "button", onclick: showCard }, icon("qr"), t("card.mine")),
    h(
      "button",
      { type: "button", class: "primary", onclick: () => addSomebody(load) },
      icon("plus"),
      h("span", {}, t("people.add")),
    ),
  ];
  const leave = events.on(({ kind }) => kind === "news" && void load());
  return {
    element: page(t("nav.people"), actions, place),
    title: t("nav.people"),
    leave,
  };
}

/** @param {() => void} load */
function nobody(load) {
  return h(
    "section",
    { class: "card" },
    empty(
      "people",
      t("people.none"),
      t("people.none_said"),
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "button", onclick: showCard }, icon("qr"), t("card.mine")),
        h(
          "button",
          {
            type: "button",
            class: "primary",
            onclick: () => addSomebody(load),
          },
          t("people.add"),
        ),
      ),
    ),
  );
}

/** @param {import("./contacts.js").Contact} each */
function line(each) {
  return h(
    "li",
    {},
    h(
      "a",
      { class: "person-row", href: at("people", [each.name]) },
      avatar(each.name),
      h(
        "span",
        { class: "grow" },
        h("strong", {}, each.name, " ", badges(each)),
        h("span", { class: "soft" }, standing(each)),
      ),
      icon("next"),
    ),
  );
}

/**
 * @param {{name: string, handle: string, time: number}} each
 * @param {() => void} load
 */
function request(each, load) {
  const answer =
    (/** @type {string} */ call, /** @type {object} */ more, /** @type {string} */ said) => () =>
      attempt(async () => {
        await post(call, { who: each.handle, ...more });
        load();
        tell(said);
      });
  return h(
    "li",
    { class: "request" },
    avatar(each.name),
    h(
      "span",
      { class: "grow" },
      h("strong", {}, each.name),
      h("span", { class: "soft" }, `${each.handle} · ${ago(each.time)}`),
    ),
    h(
      "span",
      { class: "buttons" },
      h(
        "button",
        {
          type: "button",
          class: "primary",
          onclick: answer("accept", { back: true }, t("people.accepted_back", { name: each.name })),
        },
        t("people.accept_back"),
      ),
      h(
        "button",
        {
          type: "button",
          onclick: answer("accept", {}, t("people.accepted", { name: each.name })),
        },
        t("people.accept"),
      ),
      h(
        "button",
        {
          type: "button",
          class: "plain",
          onclick: answer("decline", {}, t("people.declined", { name: each.name })),
        },
        t("people.decline"),
      ),
    ),
  );
}
