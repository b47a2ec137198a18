// @ts-check
/** Those with whom something can be shared: contacts who follow me, and circles. */

import { list } from "../base/api.js";
import { t } from "../base/text.js";
import { contacts, seesMine } from "../people/contacts.js";

/** The circle that is always there: everybody who follows me, now or later. */
export const EVERYBODY = "all-contacts";

/** @typedef {{name: string, isCircle: boolean}} Somebody */

/** @returns {Promise<Somebody[]>} everybody first, then circles; none as long as nobody could see anything */
export async function audience() {
  const [circles, all] = await Promise.all([list("circle/list", {}, "circle"), contacts()]);
  const groups = circles.flatMap(({ circle }) => (circle === EVERYBODY ? [] : circle));
  const people = all.filter(seesMine).map(({ name }) => ({ name, isCircle: false }));
  if (!groups.length && !people.length) return [];
  return [...[EVERYBODY, ...groups].map((name) => ({ name, isCircle: true })), ...people];
}

/** What they are called where one of them is chosen. @param {Somebody} somebody */
export function called({ name, isCircle }) {
  if (name === EVERYBODY && isCircle) return t("share.everybody");
  return isCircle ? t("share.circle", { name }) : name;
}
