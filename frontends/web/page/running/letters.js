// @ts-check
/** Letters: what those who live on the node are told, and what they write to whoever runs it. */

import { look, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { moment, plainName, plainText } from "../base/look.js";
import { Signal } from "../base/signal.js";
import { t } from "../base/text.js";
import { avatar } from "../parts/avatar.js";
import { askText } from "../parts/dialog.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { attempt, tell, undoing } from "../parts/toast.js";

/** @typedef {{number: number, time: number, to: string, text: string}} Told `to`: an account, or empty for everybody */
/** @typedef {{who: string, number: number, time: number, text: string}} Letter */

/** Told when another one was written. @type {Signal<null>} */
const written = new Signal();

/**
 * Ask for one. They are not sealed: the node keeps them as they are.
 * @param {string} to an account; empty: everybody
 */
export function write(to) {
  const title = to ? t("letters.write_to", { name: to }) : t("letters.write_all");
  askText(title, { label: t("letters.text"), said: t("letters.send") }, async (text) => {
    await post("node/send", { text, to });
    written.tell(null);
    tell(t("letters.sent"));
  });
}

/** What is told until it is taken back. @param {AbortSignal} signal of the view's end */
export function toldLetters(signal) {
  const place = h("div", { class: "stack" });
  const load = () =>
    arriving(place, async () => {
      /** @type {{messages: Told[]}} */
      const { messages } = await look("node/messages");
      if (!messages.length) return h("p", { class: "soft" }, t("letters.none"));
      const newest = messages.toReversed();
      return h(
        "ul",
        { class: "rows" },
        newest.map((each) => toldLine(each, load)),
      );
    });
  void load();
  signal.addEventListener("abort", written.on(load));
  return section(
    t("letters.title"),
    h("p", { class: "soft" }, t("letters.said")),
    place,
    h(
      "div",
      { class: "buttons" },
      h(
        "button",
        { type: "button", onclick: () => write("") },
        icon("edit"),
        t("letters.write_all"),
      ),
    ),
  );
}

/**
 * @param {Told} each
 * @param {() => Promise<void>} load
 */
function toldLine({ number, time, to, text }, load) {
  const end = () =>
    attempt(async () => {
      await post("node/unsend", { number });
      await load();
      const back = undoing(async () => {
        await post("node/send", { text, to });
        await load();
      });
      tell(t("letters.ended"), back);
    });
  return h(
    "li",
    { class: "request" },
    icon("comment"),
    h(
      "span",
      { class: "grow" },
      h("bdi", { class: "said" }, plainText(text)),
      h("span", { class: "soft" }, `${to || t("letters.everybody")} · ${moment(time)}`),
    ),
    h(
      "button",
      { type: "button", "aria-label": `${t("letters.end")}: ${plainName(text)}`, onclick: end },
      t("letters.end"),
    ),
  );
}

/** What was written to whoever runs the node, and waits. */
export function inbox() {
  const place = h("div", { class: "stack" });
  const load = () =>
    arriving(place, async () => {
      /** @type {{messages: Letter[]}} */
      const { messages } = await look("node/inbox");
      if (!messages.length) return h("p", { class: "soft" }, t("inbox.none"));
      return h(
        "ul",
        { class: "rows" },
        messages.map((each) => letter(each, load)),
      );
    });
  void load();
  return section(t("inbox.title"), h("p", { class: "soft" }, t("inbox.said")), place);
}

/**
 * One that was read makes room for another, and nothing brings it back: so it stays until it is said to be done.
 * @param {Letter} each
 * @param {() => Promise<void>} load
 */
function letter({ who, number, time, text }, load) {
  const done = () =>
    attempt(async () => {
      await post("node/inbox/remove", { who, number });
      await load();
    });
  const button = (/** @type {string} */ label, /** @type {() => unknown} */ go) =>
    h("button", { type: "button", "aria-label": `${label}: ${who}`, onclick: go }, label);
  return h(
    "li",
    { class: "request" },
    avatar(who),
    h(
      "span",
      { class: "grow" },
      h("strong", {}, who),
      h("bdi", { class: "said" }, plainText(text)),
      h("span", { class: "soft" }, moment(time)),
    ),
    button(t("inbox.answer"), () => write(who)),
    button(t("inbox.done"), done),
  );
}
