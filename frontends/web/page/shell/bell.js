// @ts-check
/** What is new for me: a dot on the bell; pressed, the notifications themselves. */

import { asFailed, post } from "../base/api.js";
import { t } from "../base/text.js";
import { events } from "../base/watch.js";
import { iconButton } from "../parts/buttons.js";

/** The bell. It asks once, and then hears of what comes. */
export function bell() {
  const button = iconButton("bell", t("bell.none"), { class: "icon-only bell" });
  const show = (/** @type {number} */ fresh) => {
    button.dataset.fresh = fresh ? String(Math.min(fresh, 99)) : "";
    button.setAttribute("aria-label", fresh ? t("bell.some", { count: fresh }) : t("bell.none"));
  };
  const count = async () => {
    try {
      show((await post("notifications", { count: 1 })).new);
    } catch (thrown) {
      asFailed(thrown); // the bell stays as it was; it is no place to tell of a home that is away
    }
  };
  events.on(({ kind }) => ["news", "item", "notification"].includes(kind) && void count());
  button.addEventListener("click", async () => {
    const { showNotifications } = await import("../feed/notifications.js");
    showNotifications();
    show(0);
  });
  void count();
  return button;
}
