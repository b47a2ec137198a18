// @ts-check
/** What has gone in and out since the node began: numbers only, whom they are of is not counted. */

import { look } from "../base/api.js";
import { h } from "../base/dom.js";
import { count, moment, size } from "../base/look.js";
import { at } from "../base/routes.js";
import { t } from "../base/text.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";

/** Connections and bytes; how others reach the node is said with everything that is checked. */
export function traffic() {
  const place = h("div", { class: "stack" });
  void arriving(place, async () => figures(await look("node/stats")));
  const reach = h("a", { href: at("settings", ["node"]) }, t("traffic.reach"));
  return section(t("traffic.title"), place, h("p", {}, reach));
}

/** @param {any} stats */
function figures(stats) {
  const { connections: now, arrived, turned_away: away } = stats;
  const told = t("traffic.connected", { now: count(now), all: count(arrived), away: count(away) });
  const facts = {
    [t("traffic.takes")]: takes(stats.doing),
    [t("node.started")]: moment(stats.started),
    [t("traffic.connections")]: told,
    [t("traffic.bytes")]: t("traffic.both", { in: size(stats.received), out: size(stats.sent) }),
  };
  const all = Object.entries(facts).map(([name, said]) => [h("dt", {}, name), h("dd", {}, said)]);
  return h("dl", { class: "facts" }, all);
}

/** @param {string} doing */
function takes(doing) {
  if (doing === "open") return t("traffic.open");
  return doing === "draining" ? t("traffic.draining") : t("traffic.closed");
}
