// @ts-check
/** My card, for others to follow me by; and theirs, to follow them. */

import { post } from "../base/api.js";
import { h } from "../base/dom.js";
import { moment } from "../base/look.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { copyable } from "../parts/copying.js";
import { dialog, form } from "../parts/dialog.js";
import { field } from "../parts/fields.js";
import { qrCode } from "../parts/qr.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";

/** A fresh card, as a picture and as text. */
export function showCard() {
  const place = h("div", { class: "stack" });
  dialog(t("card.mine"), [h("p", { class: "soft" }, t("card.said")), place]);
  void arriving(place, async () => {
    const card = await post("card");
    return [
      await qrCode(card.card, t("card.qr")),
      copyable(card.card),
      h("p", { class: "help" }, t("card.until", { time: moment(card.expires), count: card.uses })),
      h("p", { class: "help" }, t("card.handle")),
      copyable(session.myself().handle),
    ];
  });
}

/** @param {() => void} load called when somebody was asked */
export function addSomebody(load) {
  const id = "card-text";
  const card = h("textarea", {
    id,
    rows: 5,
    required: true,
    spellcheck: "false",
    autocapitalize: "none",
    "aria-describedby": "card-help",
  });
  const name = field(
    t("people.call"),
    { autocomplete: "off", maxlength: 64 },
    t("people.call_help"),
  );
  const asked = form(
    [
      h(
        "div",
        { class: "field" },
        h("label", { for: id }, t("people.card")),
        card,
        h("p", { class: "help", id: "card-help" }, t("people.card_help")),
      ),
      name.element,
    ],
    t("people.ask"),
    async () => {
      const text = card.value.trim();
      if (!text) return card.focus();
      const called = name.input.value.trim();
      const done = await post("follow", {
        card: text,
        ...(called && { name: called }),
      });
      shown.close();
      load();
      tell(
        done.waiting
          ? t("people.ask_waits", { name: done.name })
          : t("people.ask_sent", { name: done.name }),
      );
    },
  );
  const shown = dialog(t("people.add"), [asked]);
  card.focus();
}
