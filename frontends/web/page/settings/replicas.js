// @ts-check
/** Nodes of others that keep a second copy of the account: how each stands, one more, one less. */

import { look, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { moment, size } from "../base/look.js";
import { t } from "../base/text.js";
import { dialog, form } from "../parts/dialog.js";
import { field } from "../parts/fields.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";
import { GB, roomField } from "./room.js";

const ANY = 2 ** 53;
/** What a replica may hold, in bytes, where nobody said how much. */

/**
 * @typedef {object} Replica
 * @property {string} peer
 * @property {number | null} seq
 * @property {number | null} behind changes
 * @property {{message: string} | null} problem
 * @property {number} [ceiling]
 * @property {number} [used]
 * @property {number} [current]
 * @property {number} [proven]
 * @property {number} [failed]
 * @property {string} [told]
 */

/** All of them. */
export function replicaSettings() {
  const place = h("div", { class: "stack" });
  const load = () =>
    arriving(place, async () => {
      /** @type {{replicas: Replica[]}} */
      const { replicas } = await look("replicas");
      if (!replicas.length) return h("p", { class: "soft" }, t("node.no_replicas"));
      return h(
        "ul",
        { class: "rows" },
        replicas.map((each) => line(each, load)),
      );
    });
  void load();
  const button = h(
    "button",
    { type: "button", onclick: () => add(load) },
    icon("plus"),
    t("replicas.add"),
  );
  return section(
    t("node.replicas"),
    h("p", { class: "soft" }, t("replicas.said")),
    place,
    h("div", { class: "buttons" }, button),
  );
}

/**
 * @param {Replica} each
 * @param {() => void} load
 */
function line(each, load) {
  const bad = problems(each);
  const remove = h(
    "button",
    {
      type: "button",
      "aria-label": `${t("replicas.remove")}: ${each.peer}`,
      onclick: () => end(each, load),
    },
    t("replicas.remove"),
  );
  return h(
    "li",
    { class: bad.length ? "request bad" : "request" },
    icon(bad.length ? "warn" : "node"),
    h(
      "span",
      { class: "grow" },
      h("code", {}, each.peer),
      h("span", { class: "soft" }, standing(each).join(" · ")),
      bad.map((said) => h("span", {}, said)),
    ),
    remove,
  );
}

/** How far it is, what it holds, and when it last showed that it does. @param {Replica} each */
function standing({ behind, current, used, ceiling, proven }) {
  const far = current ? t("replicas.had_all", { time: moment(current) }) : t("replicas.nothing");
  const held = used === undefined ? [] : [size(used)];
  const most = ceiling && ceiling < ANY ? [t("replicas.of", { size: size(ceiling) })] : [];
  return [
    behind === null ? far : behind ? t("node.behind", { count: behind }) : t("node.current"),
    [...held, ...most].join(" "),
    proven ? t("replicas.proven", { time: moment(proven) }) : "",
  ].filter(Boolean);
}

/** @param {Replica} each */
function problems({ problem, told, failed = 0, proven = 0 }) {
  return [
    told && t("replicas.told", { said: told }),
    failed > proven && t("replicas.failed", { time: moment(failed) }),
    problem && t("replicas.unasked", { said: problem.message }),
  ].filter((each) => typeof each === "string" && each !== "");
}

/** @param {() => void} load */
function add(load) {
  const invite = field(
    t("signup.at"),
    { autocomplete: "off", spellcheck: "false", required: true },
    t("replicas.invite_help"),
  );
  const room = roomField(t("replicas.most"), "", t("replicas.most_help"));
  const asked = form([invite.element, room.element], t("replicas.add"), async () => {
    const most = room.input.valueAsNumber;
    const done = await post("replicas/add", {
      invite: invite.input.value.trim(),
      ...(most > 0 && { ceiling: Math.round(most * GB) }),
    });
    shown.close();
    load();
    tell(t("replicas.added", { size: size(done.allowed) }));
  });
  const shown = dialog(t("replicas.add"), [asked]);
  invite.input.focus();
}

/**
 * What it holds is gone then, and is copied anew should it come back: so it is asked first.
 * @param {Replica} each
 * @param {() => void} load
 */
function end({ peer }, load) {
  const asked = form(
    [h("p", {}, t("replicas.remove_said")), h("code", {}, peer)],
    t("replicas.remove"),
    async () => {
      const done = await post("replicas/remove", { replica: peer });
      shown.close();
      load();
      tell(done.told ? t("replicas.removed") : t("replicas.removed_later"));
    },
    { danger: true },
  );
  const shown = dialog(t("replicas.remove"), [asked]);
}
