// @ts-check
/** Letters between oneself and whoever runs the node that one lives on, if that is somebody else. */

import { look, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { moment, plainText } from "../base/look.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { askText } from "../parts/dialog.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";

/** @typedef {{time: number, text: string}} Notice */

/** What they say, and a way to write; nothing at home on one's own node. */
export function homeLetters() {
  const place = h("div", { class: "stack wide-gaps" });
  void arriving(place, async () => ((await isOwn()) ? null : letters()));
  return place;
}

/** Whether one lives on a node that one runs. */
async function isOwn() {
  const { signed_in: person, node } = await look("status");
  return session.runsNode() && node !== null && person?.home === node.peer;
}

function letters() {
  const place = h("div", { class: "stack" });
  const said = h("p", { role: "status" });
  void arriving(place, async () => {
    /** @type {{notices: Notice[]}} */
    const { notices } = await look("notices");
    if (!notices.length) return h("p", { class: "soft" }, t("notices.none"));
    return h("ul", { class: "rows" }, notices.map(line));
  });
  const write = () =>
    askText(
      t("notices.write"),
      { label: t("letters.text"), said: t("letters.send") },
      async (text) => {
        const { waiting } = await post("notices/write", { text });
        fill(said, t("notices.waiting", { count: waiting }));
        tell(t("notices.sent"));
      },
    );
  return section(
    t("notices.title"),
    h("p", { class: "soft" }, t("notices.said")),
    place,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: write }, icon("edit"), t("notices.write")),
    ),
    said,
  );
}

/** @param {Notice} each */
function line({ time, text }) {
  return h(
    "li",
    {},
    icon("comment"),
    h(
      "span",
      { class: "grow" },
      h("bdi", { class: "said" }, plainText(text)),
      h("span", { class: "soft" }, moment(time)),
    ),
  );
}
