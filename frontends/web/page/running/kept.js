// @ts-check
/** Second copies: those that the node keeps for people elsewhere, and those of its own people. */

import { look, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { moment, size } from "../base/look.js";
import { t } from "../base/text.js";
import { dialog, form } from "../parts/dialog.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";

const ANY = 2 ** 53;
/** What one may hold, in bytes, where nobody said how much. */

/** @typedef {{who: string, here: boolean, peer: string, follows: boolean, used: number, ceiling: number, allowed: number, current: number, told: string}} Kept */

/** All of them. */
export function keptReplicas() {
  const place = h("div", { class: "stack" });
  const load = () =>
    arriving(place, async () => {
      /** @type {{replicas: Kept[]}} */
      const { replicas } = await look("node/replicas");
      if (!replicas.length) return h("p", { class: "soft" }, t("kept.none"));
      return h(
        "ul",
        { class: "rows" },
        replicas.map((each) => line(each, load)),
      );
    });
  void load();
  return section(t("kept.title"), h("p", { class: "soft" }, t("kept.said")), place);
}

/**
 * @param {Kept} each
 * @param {() => Promise<void>} load
 */
function line(each, load) {
  const remove = { type: "button", onclick: () => end(each, load) };
  const label = `${t("kept.remove")}: ${each.who}`;
  return h(
    "li",
    { class: each.told ? "request bad" : "request" },
    icon(each.told ? "warn" : "node"),
    h(
      "span",
      { class: "grow" },
      h("strong", {}, each.who),
      h("span", { class: "soft" }, each.here ? t("kept.here") : t("kept.there")),
      !each.here && h("code", {}, each.peer),
      h("span", { class: "soft" }, [held(each), standing(each)].join(" · ")),
    ),
    each.here && h("button", { ...remove, "aria-label": label }, t("kept.remove")),
  );
}

/** @param {Kept} each */
function held({ here, used, ceiling, allowed }) {
  const most = here ? Math.min(ceiling, allowed) : ceiling;
  return most < ANY ? t("space.said", { used: size(used), quota: size(most) }) : size(used);
}

/** @param {Kept} each */
function standing({ told, follows, current }) {
  if (told) return t("replicas.told", { said: told });
  if (!follows) return t("kept.ended");
  return current ? t("replicas.had_all", { time: moment(current) }) : t("replicas.nothing");
}

/**
 * What is held of it goes, and nothing brings it back: so it is asked first.
 * @param {Kept} each
 * @param {() => Promise<void>} load
 */
function end({ who, used }, load) {
  const asked = form(
    [h("p", {}, t("kept.remove_said", { who, size: size(used) }))],
    t("kept.remove"),
    async () => {
      await post("node/replicas/remove", { who });
      shown.close();
      await load();
      tell(t("kept.removed", { who }));
    },
    { danger: true },
  );
  const shown = dialog(t("kept.remove"), [asked]);
}
