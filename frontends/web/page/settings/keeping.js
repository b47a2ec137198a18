// @ts-check
/** Shares of recovery kits that I keep for others: whose, handing one over, letting one go. */

import { look, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { moment } from "../base/look.js";
import { t } from "../base/text.js";
import { avatar } from "../parts/avatar.js";
import { copyable } from "../parts/copying.js";
import { dialog, form } from "../parts/dialog.js";
import { tick } from "../parts/fields.js";
import { section } from "../parts/page.js";
import { printButton } from "../parts/printing.js";
import { qrCode } from "../parts/qr.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";

/** @typedef {{name: string, handle: string, needed: number, count: number, since: number, handed: number | null}} Kept */

/** All of them; nothing where there are none. */
export function keepingSettings() {
  const place = h("div", { class: "stack" });
  const load = () =>
    arriving(place, async () => {
      /** @type {{kept: Kept[]}} */
      const { kept } = await look("recovery/kept");
      if (!kept.length) return h("p", { class: "soft" }, t("keeping.none"));
      return h(
        "ul",
        { class: "rows" },
        kept.map((each) => line(each, load)),
      );
    });
  void load();
  return section(t("keeping.title"), h("p", { class: "soft" }, t("keeping.said")), place);
}

/**
 * @param {Kept} each
 * @param {() => void} load
 */
function line(each, load) {
  const { name, needed, count, since, handed } = each;
  const said = [
    t("keeping.of", { all: count, count: needed }),
    t("keeping.since", { time: moment(since) }),
    handed ? t("keeping.handed", { time: moment(handed) }) : "",
  ];
  const button = (/** @type {string} */ label, /** @type {() => void} */ go) =>
    h("button", { type: "button", "aria-label": `${label}: ${name}`, onclick: go }, label);
  return h(
    "li",
    { class: "request" },
    avatar(name),
    h(
      "span",
      { class: "grow" },
      h("strong", {}, name),
      h("span", { class: "soft" }, said.filter(Boolean).join(" · ")),
    ),
    h(
      "span",
      { class: "buttons" },
      button(t("keeping.hand"), () => hand(each, load)),
      button(t("keeping.drop"), () => drop(each, load)),
    ),
  );
}

/**
 * Nothing on a screen shows who asks: so a person says that they saw or heard them, and then sees it.
 * @param {Kept} each
 * @param {() => void} load
 */
function hand({ name, handle }, load) {
  const seen = tick(t("keeping.seen", { name }), false, t("keeping.seen_help"));
  const asked = form(
    [h("p", {}, t("keeping.hand_said", { name })), seen.element],
    t("keeping.show"),
    async () => {
      if (!seen.input.checked) return seen.input.focus();
      const given = await post("recovery/hand", { who: handle, checked: true });
      load();
      fill(shown.body, await words(given));
    },
  );
  const shown = dialog(t("keeping.hand"), [asked]);
  seen.input.focus();
}

/** @param {{handle: string, needed: number, words: string, text: string}} given */
async function words({ handle, needed, words: all, text }) {
  const code = await qrCode(`${text}\n${all}`, t("keeping.qr"));
  return [
    h("p", { class: "notice" }, t("keeping.for", { handle })),
    h(
      "article",
      { class: "sheet" },
      h("h3", {}, t("split.for", { name: handle })),
      h(
        "ol",
        { class: "numbered" },
        all.split(" ").map((each) => h("li", {}, each)),
      ),
      h("p", { class: "help" }, t("split.where")),
      copyable(text),
    ),
    code,
    h("p", { class: "help" }, t("keeping.then", { count: needed })),
    h("div", { class: "actions unprinted" }, printButton()),
  ];
}

/**
 * It does not come back unless they give it anew, so it is asked first.
 * @param {Kept} each
 * @param {() => void} load
 */
function drop({ name, handle }, load) {
  const asked = form(
    [h("p", {}, t("keeping.drop_said", { name }))],
    t("keeping.drop"),
    async () => {
      await post("recovery/drop", { who: handle });
      shown.close();
      load();
      tell(t("keeping.dropped", { name }));
    },
    { danger: true },
  );
  const shown = dialog(t("keeping.drop"), [asked]);
}
