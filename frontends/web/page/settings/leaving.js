// @ts-check
/** Leaving for good: the account is deleted at its home, and the home signs that it did. */

import { asFailed, look, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { moment, size } from "../base/look.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { proven } from "../entry/factor.js";
import { copyable } from "../parts/copying.js";
import { dialog, form } from "../parts/dialog.js";
import { field, password } from "../parts/fields.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { exportAccount } from "./exporting.js";

/** @typedef {{time: number, spaces: number, bytes: number, messages: number, rests: number}} Receipt */
/** @typedef {{left: false, code: string, name: string, handle: string, home: string, here: boolean, bytes: number, spaces: number, replicas: number}} Stock what would go */
/** @typedef {{handle: string, home: string, path: string | null, left_at: number, receipt: Receipt | null}} Kept */
/** @typedef {Kept & {left: true, lacking: number, late: number, problems: {message: string}[]}} Left */

const DAY = 24 * 3600;

/** What it is, the way to it, and what homes signed that were left before. */
export function leavingSettings() {
  const place = h("div", {});
  void arriving(place, receipts);
  return section(
    t("leave.title"),
    h("p", { class: "soft" }, t("leave.said")),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: begin }, t("leave.begin")),
    ),
    place,
  );
}

async function receipts() {
  /** @type {{receipts: Kept[]}} */
  const { receipts: kept } = await look("receipts");
  if (!kept.length) return null;
  const lines = kept.map((each) =>
    h("li", {}, h("p", {}, h("strong", {}, each.handle)), deleted(each)),
  );
  return h(
    "details",
    {},
    h("summary", {}, t("leave.receipts")),
    h("ul", { class: "stack" }, lines),
  );
}

/** Show what would go. If the answer to an earlier farewell was lost, this finds out. */
function begin() {
  const shown = dialog(t("leave.title"), [], { wide: true });
  const load = () => arriving(shown.body, async () => offered(await stock(), shown, load));
  void load();
}

/** @returns {Promise<Stock | Left>} */
function stock() {
  return post("leave", { without_export: true });
}

/**
 * @param {Stock | Left} found
 * @param {import("../parts/dialog.js").Dialog} shown
 * @param {() => void} again
 */
function offered(found, shown, again) {
  if (!found.left) return asking(found, shown, again);
  void untilSeen(shown);
  return gone(found, shown);
}

/**
 * What it means, a way to keep it, and what makes sure that it is meant.
 * @param {Stock} found
 * @param {import("../parts/dialog.js").Dialog} shown
 * @param {() => void} again
 */
function asking(found, shown, again) {
  const name = field(
    t("leave.name", { name: found.name }),
    { autocomplete: "off", autocapitalize: "none", spellcheck: "false" },
    t("leave.name_help"),
  );
  const secret = password(t("password"), "current-password");
  const work = async () => {
    if (name.input.value.trim() !== found.name) return name.input.focus();
    await depart(found, secret.input.value, shown, again);
  };
  return [
    meant(found),
    h("h3", {}, t("leave.keep")),
    h("p", {}, t("leave.keep_said")),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: exportAccount }, icon("download"), t("export.begin")),
    ),
    h("h3", {}, t("leave.sure")),
    form([name.element, secret.element], t("leave.go"), work, { danger: true }),
  ];
}

/** @param {Stock} found */
function meant({ handle, home, here, bytes, spaces, replicas }) {
  const where = here ? t("leave.here") : t("leave.there", { peer: home });
  const others = spaces - 1;
  const goes = [
    t("leave.goes_files", { size: size(bytes) }),
    others > 0 && t("leave.goes_folders", { count: others }),
    replicas > 0 && t("leave.goes_replicas", { count: replicas }),
    t("leave.goes_shared"),
  ];
  const line = (/** @type {string | false} */ said) => said && h("li", {}, said);
  return [
    h("p", {}, h("strong", {}, handle), " ", where),
    h("h3", {}, t("leave.goes")),
    h("ul", { class: "points" }, goes.map(line)),
    h("h3", {}, t("leave.stays")),
    h("ul", { class: "points" }, [t("leave.stays_theirs"), t("leave.stays_others")].map(line)),
    h("h3", {}, t("leave.told")),
    h("p", {}, t("leave.told_said")),
  ];
}

/**
 * Have it deleted. What changed since it was shown is shown once more.
 * @param {Stock} found
 * @param {string} secret
 * @param {import("../parts/dialog.js").Dialog} shown
 * @param {() => void} again
 */
async function depart({ code }, secret, shown, again) {
  const leaving = session.held(async () => {
    /** @type {Left} */
    const done = await proven(
      shown.body,
      await post("leave", { without_export: true, accept: code, password: secret }),
    );
    fill(shown.body, gone(done, shown));
    shown.body.querySelector("button")?.focus();
    await closed(shown);
  });
  try {
    await leaving;
  } catch (thrown) {
    if (asFailed(thrown).kind === "Conflict") return again();
    throw thrown;
  }
  return session.refresh();
}

/**
 * Nobody is signed in any more; what comes next is shown when this was seen.
 * @param {import("../parts/dialog.js").Dialog} shown
 */
async function untilSeen(shown) {
  await session.held(() => closed(shown));
  await session.refresh();
}

/**
 * @param {import("../parts/dialog.js").Dialog} shown
 * @returns {Promise<void>}
 */
function closed({ signal }) {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done());
  });
}

/**
 * What the home signed, and the ways on.
 * @param {Left} done
 * @param {import("../parts/dialog.js").Dialog} shown
 */
function gone(done, shown) {
  return [
    h("p", { role: "status" }, h("strong", {}, t("leave.done", { handle: done.handle }))),
    deleted(done),
    done.lacking > 0 &&
      h("p", { class: "notice bad" }, t("leave.lacking", { count: done.lacking })),
    done.late > 0 && h("p", { class: "notice" }, t("leave.late", { count: done.late })),
    done.problems.map(({ message }) => h("p", { class: "notice" }, message)),
    h("h3", {}, t("leave.next")),
    h("p", {}, t("leave.next_said")),
    h(
      "div",
      { class: "actions" },
      h("button", { type: "button", class: "primary", onclick: shown.close }, t("go_on")),
    ),
  ];
}

/** What a receipt says. @param {Kept} kept */
function deleted({ home, path, left_at, receipt }) {
  if (!receipt) return h("p", { class: "soft" }, t("leave.no_answer", { time: moment(left_at) }));
  const { time, bytes, messages, rests } = receipt;
  return [
    h("p", {}, t("leave.deleted", { size: size(bytes), time: moment(time) })),
    messages > 0 && h("p", {}, t("leave.messages", { count: messages })),
    h("p", {}, t("leave.rests", { count: Math.max(1, Math.ceil(rests / DAY)) })),
    h("p", { class: "help" }, t("leave.signed_by")),
    copyable(home),
    path && [h("p", { class: "help" }, t("leave.kept_in")), copyable(path)],
  ];
}
