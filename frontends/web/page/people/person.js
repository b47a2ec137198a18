// @ts-check
/** One person: what they say of themselves, what they share with me, and how we stand. */

import { Failed, list, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { moment, plainName } from "../base/look.js";
import { at, folder, go } from "../base/routes.js";
import { t } from "../base/text.js";
import { isInner } from "../drive/entries.js";
import { sharedWithMe } from "../drive/linked.js";
import { moreButton } from "../parts/menu.js";
import { section, subPage } from "../parts/page.js";
import { arriving, empty, notice } from "../parts/states.js";
import { attempt, tell, undoing } from "../parts/toast.js";
import { badges, contacts, standing } from "./contacts.js";
import { keysOf } from "./keys.js";
import { face, facts } from "./profile.js";
import { verify } from "./verify.js";

/**
 * @param {string} name
 * @returns {import("../shell/shell.js").View}
 */
export function personView(name) {
  const place = h("div", { class: "stack wide-gaps" });
  const load = () =>
    arriving(place, async () => {
      const each = (await contacts()).find((found) => found.name === name || found.handle === name);
      if (!each)
        return empty(
          "people",
          t("people.unknown", { name }),
          t("people.unknown_said"),
          h("a", { class: "button", href: at("people") }, t("nav.people")),
        );
      const theirs =
        each.following && !each.left ? await seen(name) : { fields: [], shares: [], problems: [] };
      return [
        head(each, theirs.fields, load),
        each.alarm && h("p", { class: "notice bad" }, each.alarm),
        theirs.problems.map(notice),
        facts(theirs.fields),
        shared(each, theirs.shares),
      ];
    });
  void load();
  return {
    element: subPage(t("nav.people"), at("people"), place),
    title: name,
  };
}

/**
 * What they let me see.
 * @param {string} who
 */
async function seen(who) {
  /** @type {Failed[]} */
  const problems = [];
  const note = (/** @type {Failed} */ error) => problems.push(error);
  const [fields, shares] = await Promise.all([
    list("profile", { who }, "field", note),
    list("shared", { with_me: true }, "with_me", note),
  ]);
  return {
    fields,
    shares: shares.filter((each) => each.who === who && !isInner(each.path)),
    problems: problems.slice(0, 1),
  };
}

/**
 * @param {import("./contacts.js").Contact} each
 * @param {import("./profile.js").ProfileField[]} fields
 * @param {() => void} load
 */
function head(each, fields, load) {
  const said = fields.find(({ field }) => field === "name")?.value;
  return h(
    "section",
    { class: "card person-head" },
    face(each.name, fields),
    h(
      "div",
      { class: "grow" },
      h("h2", { class: "person-name" }, each.name, " ", badges(each)),
      said && said !== each.name && h("p", {}, t("people.says_name", { name: plainName(said) })),
      h("p", { class: "soft" }, each.handle),
      h("p", { class: "soft" }, standing(each)),
    ),
    h(
      "div",
      { class: "buttons" },
      h(
        "button",
        { type: "button", onclick: () => verify(each, load) },
        icon("shield"),
        each.verified ? t("verify.again") : t("verify.title"),
      ),
      moreButton(() => parting(each, load)),
    ),
  );
}

/**
 * @param {import("./contacts.js").Contact} each
 * @param {() => void} load
 * @returns {import("../parts/menu.js").Item[]}
 */
function parting(each, load) {
  const act =
    (/** @type {string} */ call, /** @type {string} */ said, undo = "") =>
    () =>
      attempt(async () => {
        await post(call, { who: each.name });
        load();
        tell(
          said,
          undo ? undoing(async () => (await post(undo, { who: each.name }), load())) : undefined,
        );
      });
  const items = [
    {
      said: t("records.item"),
      icon: /** @type {const} */ ("history"),
      go: () => keysOf(each.name),
    },
    each.following && {
      said: t("people.unfollow"),
      icon: /** @type {const} */ ("out"),
      go: act("unfollow", t("people.unfollowed", { name: each.name })),
    },
    each.follower && {
      said: t("people.remove"),
      icon: /** @type {const} */ ("close"),
      go: act("remove-follower", t("people.removed", { name: each.name })),
    },
    each.blocked
      ? {
          said: t("people.unblock"),
          icon: /** @type {const} */ ("undo"),
          go: act("unblock", t("people.unblocked", { name: each.name })),
        }
      : {
          said: t("people.block"),
          icon: /** @type {const} */ ("warn"),
          danger: true,
          apart: true,
          go: act("block", t("people.has_blocked", { name: each.name }), "unblock"),
        },
  ];
  return items.filter((item) => item !== false);
}

/**
 * @param {import("./contacts.js").Contact} each
 * @param {any[]} shares
 */
function shared(each, shares) {
  if (each.left)
    return section(
      t("shared.with_me"),
      h("p", { class: "notice" }, t("people.left_said", { name: each.name })),
    );
  if (!each.following)
    return section(
      t("shared.with_me"),
      h("p", { class: "soft" }, t("people.not_following", { name: each.name })),
    );
  if (!shares.length)
    return section(
      t("shared.with_me"),
      h("p", { class: "soft" }, t("people.shares_nothing", { name: each.name })),
    );
  return section(
    t("shared.with_me"),
    h("ul", { class: "rows" }, shares.map(sharedWithMe)),
    h(
      "div",
      { class: "buttons" },
      h(
        "button",
        { type: "button", onclick: () => go(folder(`/${each.name}`)) },
        icon("files"),
        t("people.open_folder"),
      ),
      h("span", { class: "soft" }, t("people.since", { time: moment(each.since) })),
    ),
  );
}
