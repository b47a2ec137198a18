// @ts-check
/** Who sees one thing, in which way and since when: letting them do more or less, or nothing. */

import { list, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { ago, moment, plainName } from "../base/look.js";
import { nameOf } from "../base/paths.js";
import { t } from "../base/text.js";
import { avatar } from "../parts/avatar.js";
import { dialog, form } from "../parts/dialog.js";
import { attempt, tell, undoing } from "../parts/toast.js";
import { mayDo, mayFields } from "./may.js";

/** @typedef {import("./may.js").May} May */

/**
 * A way in which somebody sees it: `path` is what was shared, the thing itself or a folder above it.
 * @typedef {object} Way
 * @property {string} who
 * @property {string} path
 * @property {number} since
 * @property {string | null} circle
 * @property {import("./may.js").Right[]} rights
 * @property {number | null} ceiling
 */

/**
 * Whoever was let in: a person alone, or a circle with those in it.
 * @typedef {{who: string, isCircle: boolean, path: string, since: number, may: May, people: string[]}} Group
 */

/** Who sees a path. @param {string} path */
export async function whoSees(path) {
  const [ways, shares] = await Promise.all([
    list("access", { path }, "way"),
    list("shared", { by_me: true }, "by_me"),
  ]);
  const found = grouped(ways);
  const known = new Set(found.filter((each) => each.isCircle).map((each) => each.who));
  const circles = shares.filter((each) => each.circle && each.path === path);
  const nobody = circles.filter((each) => !known.has(each.who)); // yet
  return [...found, ...nobody.map(empty)];
}

/** @param {any} share with a circle that nobody is in @returns {Group} */
function empty({ who, path, since, rights, ceiling }) {
  return { who, isCircle: true, path, since, may: { rights, ceiling }, people: [] };
}

/**
 * @param {Way[]} ways
 * @returns {Group[]}
 */
function grouped(ways) {
  /** @type {Map<string, Group>} */
  const found = new Map();
  for (const { who: person, circle, path, since, rights, ceiling } of ways) {
    const isCircle = circle !== null;
    const who = circle ?? person;
    const key = `${isCircle} ${who} ${path}`;
    const may = { rights, ceiling };
    const group = found.get(key) ?? { who, isCircle, path, since, may, people: [] };
    if (rights.length) group.may = may; // who has a grant alone has none by the circle
    if (isCircle) group.people.push(person);
    found.set(key, group);
  }
  return [...found.values()];
}

/**
 * A line about one of them.
 * @param {string} path that is looked at
 * @param {Group} group
 * @param {() => Promise<void>} load
 */
export function line(path, group, load) {
  const said = [
    mayDo(group.may),
    t("share.since", { time: ago(group.since) }),
    group.path !== path && t("share.through", { name: plainName(nameOf(group.path)) }),
    group.isCircle && (group.people.join(", ") || t("share.empty_circle")),
  ];
  return h(
    "li",
    { class: "request" },
    avatar(group.who, { circle: group.isCircle }),
    h(
      "span",
      { class: "grow", title: moment(group.since) },
      h("strong", {}, group.who),
      h("span", { class: "soft" }, said.filter(Boolean).join(" · ")),
    ),
    button(t("share.change"), group.who, () => change(group, load)),
    button(t("share.take_back"), group.who, () => takeBack(group, load)),
  );
}

/**
 * @param {string} said
 * @param {string} who
 * @param {() => unknown} go
 */
function button(said, who, go) {
  return h("button", { type: "button", "aria-label": `${said}: ${who}`, onclick: go }, said);
}

/**
 * @param {Group} group
 * @param {() => Promise<void>} load
 */
function takeBack({ path, who, may }, load) {
  return attempt(async () => {
    await post("unshare", { path, who });
    await load();
    const back = undoing(async () => {
      await give(path, who, may);
      await load();
    });
    tell(t("share.taken_back", { who }), back);
  });
}

/**
 * Ask what they may do from now on.
 * @param {Group} group
 * @param {() => Promise<void>} load
 */
function change({ path, who, may }, load) {
  const fields = mayFields(may);
  const asked = form([fields.how, fields.more], t("share.change"), async () => {
    const next = fields.chosen();
    await set(path, who, may, next);
    shown.close();
    await load();
    const back = undoing(async () => {
      await set(path, who, next, may);
      await load();
    });
    tell(t("share.changed", { who, may: mayDo(next) }), back);
  });
  const shown = dialog(t("share.change_of", { who, name: plainName(nameOf(path)) }), [asked]);
  fields.how.focus();
}

/**
 * Let somebody in, or let who is in do this and nothing else besides reading.
 * @param {string} path
 * @param {string} who
 * @param {May} may
 */
export function give(path, who, may) {
  return post("share", { path, who, ...(may.rights.length && { write: true, ...may }) });
}

/**
 * @param {string} path
 * @param {string} who
 * @param {May} before
 * @param {May} next
 */
async function set(path, who, before, next) {
  if (next.rights.length) await give(path, who, next);
  else if (before.rights.length) await post("unshare", { path, who, write: true });
}
