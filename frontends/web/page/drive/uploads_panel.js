// @ts-check
/** How uploads stand: a card in the corner while there are any. */

import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { plainName, remaining, size } from "../base/look.js";
import { nameOf } from "../base/paths.js";
import { later, soon } from "../base/signal.js";
import { t } from "../base/text.js";
import { iconButton } from "../parts/buttons.js";
import * as queue from "./uploads.js";

const STAYS = 8_000;
/** Milliseconds after which a list of which all is stored leaves by itself. */

const SHOWN = 200;
/** Lines: of more files, the sum says how it stands. */

/** The card. */
export function uploadsPanel() {
  const said = h("p", { role: "status", class: "grow" });
  const bar = h("progress", {
    max: 1,
    value: 0,
    "aria-label": t("uploads.label"),
  });
  const lines = h("ul", {});
  const clear = iconButton("close", t("uploads.clear"), { onclick: queue.clear });
  const card = h(
    "aside",
    { class: "uploads", "aria-label": t("uploads.label"), hidden: true },
    h("header", {}, said, clear),
    bar,
    lines,
  );
  const show = soon(() => {
    const sum = queue.totals();
    const busy = queue.isBusy();
    card.hidden = !sum.files;
    clear.hidden = busy;
    bar.hidden = !busy && !sum.paused;
    bar.value = sum.bytes ? sum.sent / sum.bytes : 1;
    fill(said, summed(sum, busy));
    fill(lines, inView().map(line));
    if (!busy && sum.files === sum.done) leaveSoon();
  });
  const leaveSoon = later(
    () =>
      queue.totals().files === queue.totals().done &&
      !card.matches(":hover, :focus-within") &&
      queue.clear(),
    STAYS,
  );
  queue.moved.on(show);
  return card;
}

/** The ones that something happens to come first. */
function inView() {
  const rank = { failed: 0, running: 1, paused: 2, waiting: 3, done: 4 };
  return [...queue.uploads].sort((a, b) => rank[a.state] - rank[b.state]).slice(0, SHOWN);
}

/**
 * @param {ReturnType<typeof queue.totals>} sum
 * @param {boolean} busy
 */
function summed(sum, busy) {
  if (busy)
    return `${t("uploads.going", { done: sum.done, count: sum.files })} ${remaining(sum.left)}`;
  if (sum.failed) return t("uploads.failed", { count: sum.failed });
  if (sum.paused) return t("uploads.paused", { count: sum.paused });
  return t("uploads.done", { count: sum.done });
}

/** @param {queue.Upload} one */
function line(one) {
  const name = plainName(nameOf(one.to));
  const said = {
    waiting: () => t("uploads.waiting"),
    running: () => `${size(one.sent)} / ${size(one.file.size)}`,
    paused: () => t("uploads.is_paused"),
    done: () =>
      one.beside
        ? t("uploads.beside", { name: plainName(nameOf(one.beside)) })
        : size(one.file.size),
    failed: () => one.wrong ?? "",
  }[one.state]();
  return h(
    "li",
    { class: one.state },
    h(
      "span",
      { class: "grow" },
      h("bdi", { class: "name" }, name),
      h("span", { class: "soft" }, said),
    ),
    buttons(one, name),
  );
}

/**
 * @param {queue.Upload} one
 * @param {string} name
 */
function buttons(one, name) {
  const button = (
    /** @type {import("../base/icons.js").IconName} */ picture,
    /** @type {string} */ label,
    /** @type {(one: queue.Upload) => void} */ go,
  ) => iconButton(picture, `${label}: ${name}`, { title: label, onclick: () => go(one) });
  if (one.state === "done") return [icon("check")];
  return [
    one.state === "running" && button("pause", t("uploads.pause"), queue.pause),
    one.state === "paused" && button("play", t("go_on"), queue.goOn),
    one.state === "failed" && button("undo", t("again"), queue.goOn),
    button("close", t("cancel"), queue.cancel),
  ];
}
