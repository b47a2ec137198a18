// @ts-check
/** Who lives on the node: what each uses and may use. What is in it, nobody but its owner sees. */

import { look, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { moment, size } from "../base/look.js";
import { t } from "../base/text.js";
import { avatar } from "../parts/avatar.js";
import { dialog, form } from "../parts/dialog.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { tell, undoing } from "../parts/toast.js";
import { GB, roomField, roomOf } from "../settings/room.js";
import { write } from "./letters.js";

/** @typedef {{name: string, handle: string, used: number, reserved: number, quota: number, created: number, messages: number}} Resident bytes, and ms */

/** All of them. */
export function accountList() {
  const place = h("div", { class: "stack" });
  const load = () =>
    arriving(place, async () => {
      /** @type {{accounts: Resident[]}} */
      const { accounts } = await look("node/accounts");
      if (!accounts.length) return h("p", { class: "soft" }, t("residents.none"));
      return h(
        "ul",
        { class: "rows" },
        accounts.map((each) => line(each, load)),
      );
    });
  void load();
  return section(t("residents.title"), h("p", { class: "soft" }, t("residents.said")), place);
}

/**
 * @param {Resident} each
 * @param {() => Promise<void>} load
 */
function line(each, load) {
  const used = each.used + each.reserved;
  const room = t("space.said", { used: size(used), quota: size(each.quota) });
  const said = [
    room,
    t("residents.since", { time: moment(each.created) }),
    each.messages > 0 && t("residents.messages", { count: each.messages }),
  ];
  const button = (/** @type {string} */ label, /** @type {() => unknown} */ go) =>
    h("button", { type: "button", "aria-label": `${label}: ${each.name}`, onclick: go }, label);
  return h(
    "li",
    { class: "request" },
    avatar(each.name),
    h(
      "span",
      { class: "grow" },
      h("strong", { title: each.handle }, each.name),
      meter(used, each.quota, room),
      h("span", { class: "soft" }, said.filter(Boolean).join(" · ")),
      used > each.quota && h("span", {}, t("residents.over")),
    ),
    button(t("residents.quota"), () => limit(each, load)),
    button(t("letters.write"), () => write(each.name)),
  );
}

/**
 * @param {number} used
 * @param {number} most
 * @param {string} said
 */
function meter(used, most, said) {
  const props = { min: 0, max: most || 1, high: most * 0.9, optimum: 0, value: used };
  return h("meter", { ...props, "aria-label": said });
}

/**
 * @param {Resident} each
 * @param {() => Promise<void>} load
 */
function limit({ name, quota }, load) {
  const room = roomField(t("residents.most"), quota / GB, t("residents.most_help"));
  const set = async (/** @type {number} */ bytes) => {
    await post("node/set-quota", { name, quota: bytes });
    await load();
  };
  const asked = form([room.element], t("residents.quota"), async () => {
    const bytes = roomOf(room.input);
    if (bytes === null) return room.input.focus();
    await set(bytes);
    shown.close();
    const back = undoing(() => set(quota));
    tell(t("residents.set", { name, size: size(bytes) }), back);
  });
  const shown = dialog(t("residents.quota_of", { name }), [asked]);
  room.input.select();
}
