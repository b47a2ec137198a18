// @ts-check
/** Who sees one thing, in which way and since when; letting others in, and out again. */

import { list, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { ago, moment, plainName } from "../base/look.js";
import { nameOf } from "../base/paths.js";
import { at } from "../base/routes.js";
import { t } from "../base/text.js";
import { avatar } from "../parts/avatar.js";
import { dialog, form } from "../parts/dialog.js";
import { arriving } from "../parts/states.js";
import { attempt, tell, undoing } from "../parts/toast.js";
import { audience, called } from "./audience.js";

/**
 * A way in which somebody sees it: `path` is what was shared, the thing itself or a folder above it.
 * @typedef {object} Way
 * @property {string} who
 * @property {string} handle
 * @property {string} path
 * @property {number} since
 * @property {string | null} circle
 * @property {string[]} rights
 */

/** @param {string} path */
export function shareSheet(path) {
  const ways = h("div", { "aria-live": "polite" });
  const give = h("div", {});
  const shown = dialog(
    t("share.of", { name: plainName(nameOf(path)) }),
    [give, h("h3", {}, t("share.who")), ways],
    { wide: true },
  );
  const load = async () => {
    await arriving(ways, async () => {
      const found = /** @type {Way[]} */ (await list("access", { path }, "way"));
      const groups = grouped(found);
      if (!groups.length) return h("p", { class: "soft" }, t("share.nobody_said"));
      return h(
        "ul",
        { class: "rows" },
        groups.map((each) => line(path, each, load)),
      );
    });
  };
  void arriving(give, async () => {
    const all = await audience();
    if (!all.length)
      return h(
        "p",
        { class: "notice" },
        t("share.no_contacts"),
        " ",
        h("a", { href: at("people"), onclick: shown.close }, t("nav.people")),
      );
    return giving(path, all, load);
  });
  void load();
}

/**
 * One line for whoever was let in: a person alone, or a circle with those in it.
 * @param {Way[]} ways
 */
function grouped(ways) {
  /** @type {Map<string, {who: string, isCircle: boolean, path: string, since: number, rights: string[], people: string[]}>} */
  const found = new Map();
  for (const way of ways) {
    const who = way.circle ?? way.who;
    const key = `${way.circle !== null} ${who} ${way.path}`;
    const group = found.get(key) ?? {
      who,
      isCircle: way.circle !== null,
      path: way.path,
      since: way.since,
      rights: way.rights,
      people: [],
    };
    if (way.circle !== null) group.people.push(way.who);
    found.set(key, group);
  }
  return [...found.values()];
}

/**
 * @param {string} path
 * @param {ReturnType<typeof grouped>[0]} group
 * @param {() => Promise<void>} load
 */
function line(path, group, load) {
  const above = group.path !== path;
  const said = [
    group.rights.length ? t("share.writes") : t("share.reads"),
    t("share.since", { time: ago(group.since) }),
    above && t("share.through", { name: plainName(nameOf(group.path)) }),
    group.isCircle && (group.people.join(", ") || t("share.empty_circle")),
  ];
  const end = () =>
    attempt(async () => {
      await post("unshare", { path: group.path, who: group.who });
      await load();
      tell(
        t("share.taken_back", { who: group.who }),
        undoing(async () => {
          await post("share", {
            path: group.path,
            who: group.who,
            ...(group.rights.length && { write: true, rights: group.rights }),
          });
          await load();
        }),
      );
    });
  return h(
    "li",
    {},
    avatar(group.who, { circle: group.isCircle }),
    h(
      "span",
      { class: "grow", title: moment(group.since) },
      h("strong", {}, group.who),
      h("span", { class: "soft" }, said.filter(Boolean).join(" · ")),
    ),
    h("button", { type: "button", onclick: end }, t("share.take_back")),
  );
}

/**
 * @param {string} path
 * @param {import("./audience.js").Somebody[]} all
 * @param {() => Promise<void>} load
 */
function giving(path, all, load) {
  const who = h(
    "select",
    { "aria-label": t("share.with") },
    h("option", { value: "" }, t("share.with")),
    all.map((each) => h("option", { value: each.name }, called(each))),
  );
  const may = h(
    "select",
    { "aria-label": t("share.may") },
    h("option", { value: "read" }, t("share.may_read")),
    h("option", { value: "write" }, t("share.may_write")),
  );
  const note = h("p", { class: "help" });
  may.addEventListener("change", () =>
    fill(note, may.value === "write" ? t("share.may_write_said") : ""),
  );
  const fields = h("div", { class: "giving" }, who, may);
  return form(
    [fields, note],
    t("share.go"),
    async () => {
      if (!who.value) return who.focus();
      const done = await post("share", {
        path,
        who: who.value,
        ...(may.value === "write" && { write: true }),
      });
      tell(
        done.waiting ? t("share.waiting", { who: who.value }) : t("share.done", { who: who.value }),
      );
      who.value = "";
      await load();
    },
    { icon: "shared" },
  );
}
