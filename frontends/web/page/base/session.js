// @ts-check
/** Who is signed in, which accounts there are here, how much room is left. */

import { Failed, asFailed, look, post } from "./api.js";
import { isWithin } from "./paths.js";
import { Signal } from "./signal.js";

/**
 * @typedef {object} Account
 * @property {string} name
 * @property {string} handle
 * @property {boolean} signed_in
 * @property {boolean} current
 * @property {boolean} stay
 */
/** @typedef {{used: number, reserved: number, quota: number, warning: number}} Usage */
/** @typedef {{name: string, handle: string, usage: Usage | null}} Me */

/** @type {Me | null} */
let me = null;
/** @type {Account[]} */
let accounts = [];

/** Whether the node is theirs to run; the daemon refuses everybody else. */
let isRunner = false;

/** Told when somebody else is signed in, or nobody. */
export const changed = new Signal();
/** Told when the room that is used has changed. */
export const measured = new Signal();

/** Who is signed in; null: nobody. */
export function whoIsHere() {
  return me;
}

/**
 * Who is signed in, where that is a matter of course.
 * @returns {Me}
 */
export function myself() {
  if (!me)
    throw new Failed({
      kind: "NotSignedIn",
      message: "nobody is signed in here",
    });
  return me;
}

/** Whether a path is of one's own drive. @param {string} path */
export function isMine(path) {
  return me !== null && isWithin(path, home());
}

/** The folder that one's own things are in. */
export function home() {
  return `/${myself().name}`;
}

/** Whether who is signed in may run the node from here. */
export function runsNode() {
  return isRunner;
}

/** Every account that is kept here. */
export function known() {
  return accounts;
}

let isHeld = false;

/**
 * While something is shown to who has just come, that must be seen before anything else.
 * @template T
 * @param {() => Promise<T>} work
 */
export async function held(work) {
  isHeld = true;
  try {
    return await work();
  } finally {
    isHeld = false;
  }
}

/** Ask again who is here, and tell if that changed. */
export async function refresh() {
  if (isHeld) return;
  const [found, visit] = await Promise.all([look("accounts"), look("web/visit")]);
  accounts = found.accounts;
  isRunner = visit.runs_node;
  const current = accounts.find((each) => each.current);
  const before = me?.handle;
  me = current ? { name: current.name, handle: current.handle, usage: me?.usage ?? null } : null;
  if (before !== me?.handle) {
    if (me) me.usage = null;
    changed.tell(me);
  }
  if (me) void measure();
}

/** Ask again how much room is used. */
export async function measure() {
  try {
    const status = await look("status");
    if (!me || status.signed_in?.name !== me.name) return;
    me.usage = status.signed_in.usage;
    measured.tell(me.usage);
  } catch (thrown) {
    asFailed(thrown); // the meter stays as it was; whatever is asked next says what is wrong
  }
}

/** @param {string} who a handle */
export async function switchTo(who) {
  await post("accounts/switch", { who });
  await refresh();
}

/** Let go of all keys. */
export async function lock() {
  await post("lock");
  await refresh();
}

/** Sign out, and forget the account here. */
export async function signOut() {
  await post("logout");
  await refresh();
}
