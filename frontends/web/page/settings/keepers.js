// @ts-check
/** Contacts who keep a share of a recovery kit for me: who, since when, giving, asking, ending. */

import { look, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { moment } from "../base/look.js";
import { t } from "../base/text.js";
import { proven } from "../entry/factor.js";
import { avatar } from "../parts/avatar.js";
import { dialog, form } from "../parts/dialog.js";
import { field, tick } from "../parts/fields.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { attempt, tell } from "../parts/toast.js";
import { contacts } from "../people/contacts.js";
import { withPassword } from "./password.js";

const LEAST = 2;
const MOST = 16;

/** @typedef {{name: string, verified: number | null, asked: number, answered: boolean, confirmed: number | null, gone: number | null, waiting: boolean}} Holder */
/** @typedef {{given: false} | {given: true, made: number, needed: number, ended: number | null, parted: string | null, holders: Holder[]}} Standing */

/** Who keeps one, or the way to have that. */
export function keeperSettings() {
  const place = h("div", { class: "stack" });
  const show = (/** @type {() => Promise<Standing>} */ ask) =>
    arriving(place, async () => shown(await ask(), load));
  const load = () => show(() => look("recovery/holders"));
  void load();
  return section(t("keepers.title"), h("p", { class: "soft" }, t("keepers.said")), place);
}

/**
 * @param {Standing} found
 * @param {() => void} load
 */
function shown(found, load) {
  if (!found.given)
    return [
      h("p", { class: "soft" }, t("keepers.none")),
      buttons(giveButton(t("keepers.give"), load)),
    ];
  const { needed, ended, holders } = found;
  return [
    ended === null
      ? h("p", {}, t("keepers.any", { count: needed }))
      : h("p", { class: "notice" }, why(ended, found.parted)),
    h("ul", { class: "rows" }, holders.map(line)),
    buttons(
      ended === null && button(t("keepers.ask"), () => attempt(() => ask(load))),
      giveButton(t("keepers.anew"), load),
      ended === null && button(t("keepers.end"), () => end(load)),
    ),
  ];
}

/** @param {...import("../base/dom.js").Child} all */
function buttons(...all) {
  return h("div", { class: "buttons" }, all);
}

/**
 * @param {string} said
 * @param {() => unknown} go
 */
function button(said, go) {
  return h("button", { type: "button", onclick: go }, said);
}

/**
 * @param {number} ended
 * @param {string | null} parted
 */
function why(ended, parted) {
  const time = moment(ended);
  return parted ? t("keepers.ended_parted", { time, name: parted }) : t("keepers.ended", { time });
}

/** @param {Holder} each */
function line(each) {
  return h(
    "li",
    { class: each.gone ? "request bad" : "request" },
    avatar(each.name),
    h(
      "span",
      { class: "grow" },
      h("strong", {}, each.name, " ", each.verified ? null : unverified()),
      h("span", { class: "soft" }, standing(each)),
    ),
  );
}

function unverified() {
  return h("span", { class: "badge" }, t("keepers.unverified"));
}

/** @param {Holder} each */
function standing({ gone, waiting, confirmed, answered, asked }) {
  if (gone) return t("keepers.gone", { time: moment(gone) });
  if (waiting) return t("keepers.waiting");
  const has = confirmed ? t("keepers.showed", { time: moment(confirmed) }) : t("keepers.has");
  if (answered) return has;
  const open = t("keepers.asked", { time: moment(asked) });
  return confirmed ? `${has} · ${open}` : open;
}

/** @param {() => void} load */
async function ask(load) {
  await post("recovery/ask");
  load();
  tell(t("keepers.are_asked"));
}

/**
 * @param {string} said
 * @param {() => void} load
 */
function giveButton(said, load) {
  return button(said, () => attempt(async () => give(said, load, await contacts())));
}

/**
 * To whom, and how many of them it takes.
 * @param {string} title
 * @param {() => void} load
 * @param {import("../people/contacts.js").Contact[]} all
 */
function give(title, load, all) {
  const able = all.filter((each) => !each.blocked && (each.following || each.follower));
  if (able.length < LEAST) {
    dialog(title, [h("p", { class: "notice" }, t("keepers.too_few", { count: LEAST }))]);
    return;
  }
  const ticks = able.map((each) => ({
    name: each.name,
    made: tick(each.name, false, each.verified ? undefined : t("keepers.unverified_help")),
  }));
  const who = h(
    "fieldset",
    { class: "one-of" },
    h("legend", {}, t("keepers.who")),
    ticks.map(({ made }) => made.element),
  );
  const needed = field(
    t("split.needed"),
    { type: "number", min: LEAST, max: MOST, value: LEAST },
    t("split.needed_help"),
  );
  withPassword(
    title,
    t("keepers.give_said"),
    async (password, body) => {
      const people = ticks.flatMap(({ name, made }) => (made.input.checked ? [name] : []));
      const values = { password, needed: needed.input.valueAsNumber || 0, people };
      await proven(body, await post("recovery/give", values));
      load();
      tell(t("keepers.given"));
    },
    [who, needed.element],
  );
}

/** What they keep is of no use then, so it is asked first. @param {() => void} load */
function end(load) {
  const asked = form(
    [h("p", {}, t("keepers.end_said"))],
    t("keepers.end"),
    async () => {
      await post("recovery/end");
      opened.close();
      load();
      tell(t("keepers.is_ended"));
    },
    { danger: true },
  );
  const opened = dialog(t("keepers.end"), [asked]);
}
