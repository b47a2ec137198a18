// @ts-check
/** How this node is, in plain words: everything that can be checked, and what to do about it. */

import { look } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { ago, moment, size } from "../base/look.js";
import { t } from "../base/text.js";
import { copyable } from "../parts/copying.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { told, wayOut } from "../parts/told.js";
import { twoHistories } from "./histories.js";

/** @typedef {{name: string, state: "good" | "warning" | "bad", said: string, hint?: string | null}} Check */
/** @typedef {{made: number, path: string, bytes: number, lacking: number, checked: number | null, wrong: number}} Backup */

/** What was found, the worst first. */
export function nodeHealth() {
  const place = h("div", { class: "stack wide-gaps" });
  const load = () => arriving(place, () => found(load));
  void load();
  return h(
    "div",
    { class: "stack wide-gaps" },
    place,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: load }, icon("undo"), t("node.again")),
    ),
  );
}

/** @param {() => void} load */
async function found(load) {
  const [doctor, status] = await Promise.all([look("doctor"), look("status")]);
  const worst = { bad: 0, warning: 1, good: 2 };
  const checks = /** @type {Check[]} */ (doctor.checks).sort(
    (a, b) => worst[a.state] - worst[b.state],
  );
  const proven = twoHistories(doctor.proofs, load);
  const histories = checks.find(({ name }) => name === "histories");
  if (proven && histories) histories.hint = null; // there are buttons for it
  const wrong = checks.filter((each) => each.state !== "good").length;
  const said = wrong ? t("node.some", { count: wrong }) : t("node.fine");
  return [
    section(said, h("ul", { class: "rows checks" }, checks.map(check)), proven),
    section(t("node.facts"), facts(status)),
    (status.news.length > 0 || status.errors.length > 0) &&
      section(
        t("node.news"),
        h("ul", { class: "rows" }, [...status.news.map(news), ...status.errors.map(error)]),
      ),
  ];
}

/** @param {Check} each */
function check(each) {
  const picture = {
    good: /** @type {const} */ ("check"),
    warning: /** @type {const} */ ("info"),
    bad: /** @type {const} */ ("warn"),
  }[each.state];
  const word = {
    good: t("node.good"),
    warning: t("node.warning"),
    bad: t("node.bad"),
  }[each.state];
  return h(
    "li",
    { class: each.state },
    icon(picture),
    h(
      "span",
      { class: "grow" },
      h("span", { class: "unheard" }, `${word}: `),
      h("span", {}, each.said),
      each.state !== "good" && each.hint && h("span", { class: "soft" }, wayOut(each.hint)),
    ),
  );
}

/** @param {any} status */
function facts(status) {
  const node = status.node;
  const addresses = node
    ? h(
        "ul",
        {},
        node.addresses.map((/** @type {string} */ each) => h("li", {}, h("code", {}, each))),
      )
    : null;
  return h(
    "dl",
    { class: "facts" },
    h("dt", {}, t("node.program")),
    h("dd", {}, status.daemon.program),
    h("dt", {}, t("node.started")),
    h("dd", {}, moment(status.daemon.started)),
    h("dt", {}, t("node.folder")),
    h("dd", {}, h("code", {}, status.daemon.home)),
    node && [
      h("dt", {}, t("node.peer")),
      h("dd", {}, copyable(node.peer)),
      h("dt", {}, t("node.addresses")),
      h("dd", {}, addresses),
      h("dt", {}, t("node.backup")),
      h("dd", {}, backup(node.backup)),
    ],
  );
}

/**
 * When the whole node was last copied to another disk; a path can be named in a terminal alone.
 * @param {Backup | null} last
 */
function backup(last) {
  const take = copyable("holdfast node backup DIR");
  if (!last) return [h("p", {}, t("node.no_backup")), take];
  const { made, path, bytes, lacking, checked, wrong } = last;
  const isGood = !lacking && !wrong;
  const whole = checked ? t("node.backup_whole", { time: moment(checked) }) : t("node.unchecked");
  return [
    h("p", {}, t("node.backup_made", { time: moment(made), size: size(bytes) })),
    h("p", {}, h("code", {}, path)),
    lacking > 0 && h("p", { class: "notice" }, t("node.backup_lacks", { count: lacking })),
    wrong > 0 && [h("p", { class: "notice bad" }, t("node.backup_wrong")), take],
    isGood && h("p", { class: "soft" }, whole),
    isGood && !checked && copyable(`holdfast node backup --check ${quoted(folderOf(path))}`),
  ];
}

/** The folder that a backup is in. @param {string} path */
function folderOf(path) {
  return path.slice(0, path.lastIndexOf("/"));
}

/** As a shell takes it for one word. @param {string} path */
function quoted(path) {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** @param {{time: number, said: string}} each */
function news({ time, said }) {
  return line({}, "info", told(said), time);
}

/** @param {{time: number, message: string}} each */
function error({ time, message }) {
  return line({ class: "bad" }, "warn", told(message), time);
}

/**
 * @param {Record<string, string>} props
 * @param {import("../base/icons.js").IconName} picture
 * @param {import("../base/dom.js").Child[]} said
 * @param {number} time
 */
function line(props, picture, said, time) {
  return h(
    "li",
    props,
    icon(picture),
    h("span", { class: "grow" }, h("span", {}, said), h("span", { class: "soft" }, ago(time))),
  );
}
