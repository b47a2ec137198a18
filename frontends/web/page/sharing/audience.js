// @ts-check
/** Those with whom something can be shared: contacts who follow me, and circles. */

import { list } from "../base/api.js";
import { t } from "../base/text.js";
import { contacts, seesMine } from "../people/contacts.js";

/** @typedef {{name: string, isCircle: boolean}} Somebody */

/** @returns {Promise<Somebody[]>} circles first */
export async function audience() {
  const [circles, all] = await Promise.all([list("circle/list", {}, "circle"), contacts()]);
  return [
    ...circles.map((each) => ({ name: each.circle, isCircle: true })),
    ...all.filter(seesMine).map((each) => ({ name: each.name, isCircle: false })),
  ];
}

/** What they are called where one of them is chosen. @param {Somebody} somebody */
export function called({ name, isCircle }) {
  return isCircle ? t("share.circle", { name }) : name;
}
