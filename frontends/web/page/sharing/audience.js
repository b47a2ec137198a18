// @ts-check
/** Those with whom something can be shared: contacts who follow me, and circles. */

import { list } from "../base/api.js";

/** @typedef {{name: string, isCircle: boolean}} Somebody */

/** @returns {Promise<Somebody[]>} circles first */
export async function audience() {
  const [circles, contacts] = await Promise.all([
    list("circle/list", {}, "circle"),
    list("contacts", {}, "contact"),
  ]);
  const people = contacts.filter((each) => each.follower && !each.blocked);
  return [
    ...circles.map((each) => ({ name: each.circle, isCircle: true })),
    ...people.map((each) => ({ name: each.name, isCircle: false })),
  ];
}
