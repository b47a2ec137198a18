// @ts-check
/** How much room is used, of how much. */

import { fill, h } from "../base/dom.js";
import { size } from "../base/look.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";

/** A meter that follows. */
export function spaceMeter() {
  const place = h("div", { class: "space" });
  const show = () => {
    const usage = session.whoIsHere()?.usage;
    if (!usage) return fill(place);
    const said = t("space.said", {
      used: size(usage.used),
      quota: size(usage.quota),
    });
    const meter = h("meter", {
      min: 0,
      max: usage.quota,
      high: usage.quota * 0.9,
      optimum: 0,
      value: usage.used,
      "aria-label": said,
    });
    return fill(place, meter, h("p", {}, said));
  };
  session.measured.on(show);
  show();
  return place;
}
