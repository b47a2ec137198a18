// @ts-check
/**
 * Uploads: a queue that goes on whatever view is shown.
 *
 * Two files are sent at once. An upload is paused by letting go of the connection: the daemon has
 * what came of a large file, and says where to go on when it is asked to.
 */

import { Failed, asFailed, isAbort, post } from "../base/api.js";
import { join } from "../base/paths.js";
import { Signal } from "../base/signal.js";
import { t } from "../base/text.js";
import { touch } from "./actions.js";
import { send } from "./sending.js";

const AT_ONCE = 2;

/** @typedef {"waiting" | "running" | "paused" | "done" | "failed"} State */

/**
 * @typedef {object} Upload
 * @property {string} to
 * @property {File} file
 * @property {State} state
 * @property {number} sent bytes
 * @property {string} [wrong] why it failed
 * @property {string} [beside] where it was kept, for somebody else changed the file meanwhile
 * @property {AbortController} stop
 */

/** @type {Upload[]} */
export let uploads = [];
/** Told when any of them has moved. */
export const moved = new Signal();

let startedAt = 0;
let sentBefore = 0;

/**
 * Send files into a folder. Each comes with the folders it is below, `photos/june/1.jpg`.
 * @param {string} folder
 * @param {{path: string, file: File}[]} files
 * @param {string[]} [empty] folders without a file in them
 * @returns {Promise<Upload[]>}
 */
export async function upload(folder, files, empty = []) {
  const folders = new Set([
    ...empty,
    ...files.flatMap(({ path }) =>
      path.includes("/") ? [path.slice(0, path.lastIndexOf("/"))] : [],
    ),
  ]);
  if (folders.size) {
    const paths = [...folders].sort().map((each) => join(folder, each));
    await post("mkdir", { paths, parents: true });
    touch([...folders].map((each) => join(folder, each.split("/")[0])));
  }
  if (!uploads.some((each) => each.state === "running")) {
    startedAt = performance.now();
    sentBefore = totals().sent;
  }
  const begun = files.map(({ path, file }) => made(join(folder, path), file));
  uploads.push(...begun);
  go();
  return begun;
}

/**
 * Where a file is, once it is stored.
 * @param {Upload} one
 * @returns {Promise<string>} an error that says so, where it failed or was let go
 */
export function stored(one) {
  return new Promise((done, fail) => {
    const look = () => {
      if (one.state === "done") done(one.beside ?? one.to);
      else if (one.state === "failed" || !uploads.includes(one))
        fail(new Failed({ kind: "Partial", message: one.wrong ?? t("uploads.let_go") }));
      else return;
      leave();
    };
    const leave = moved.on(look);
    look();
  });
}

/**
 * @param {string} to
 * @param {File} file
 * @returns {Upload}
 */
function made(to, file) {
  return { to, file, state: "waiting", sent: 0, stop: new AbortController() };
}

/** How it stands in all. */
export function totals() {
  const sum = {
    files: uploads.length,
    done: 0,
    failed: 0,
    paused: 0,
    bytes: 0,
    sent: 0,
    left: NaN,
  };
  for (const each of uploads) {
    sum.bytes += each.file.size;
    sum.sent += each.state === "done" ? each.file.size : each.sent;
    if (each.state === "done" || each.state === "failed" || each.state === "paused")
      sum[each.state] += 1;
  }
  const speed = (sum.sent - sentBefore) / (performance.now() - startedAt); // bytes a millisecond
  sum.left = (sum.bytes - sum.sent) / speed / 1000;
  return sum;
}

/** Whether any is on its way, or waits for its turn. */
export function isBusy() {
  return uploads.some(({ state }) => state === "running" || state === "waiting");
}

/** Begin as many as may run at once. */
function go() {
  const running = uploads.filter((each) => each.state === "running").length;
  for (const each of uploads.filter(({ state }) => state === "waiting").slice(0, AT_ONCE - running))
    void run(each);
  moved.tell(undefined);
}

/** @param {Upload} one */
async function run(one) {
  one.state = "running";
  try {
    one.beside = await send(one.to, one.file, one.stop.signal, {
      begins: (offset) => {
        sentBefore += offset - one.sent; // says nothing of how fast it goes
        one.sent = offset;
        moved.tell(undefined);
      },
      moves: (sent) => {
        one.sent = sent;
        moved.tell(undefined);
      },
    });
    one.state = "done";
    touch([one.to, one.beside ?? one.to]);
  } catch (thrown) {
    if (!isAbort(thrown)) {
      one.wrong = asFailed(thrown).said;
      one.state = "failed";
    }
  }
  go();
}

/** @param {Upload} one */
export function pause(one) {
  one.state = "paused";
  one.stop.abort();
  one.stop = new AbortController();
  go();
}

/** Go on, or try again. @param {Upload} one */
export function goOn(one) {
  one.state = "waiting";
  one.wrong = undefined;
  go();
}

/** @param {Upload} one */
export function cancel(one) {
  uploads = uploads.filter((each) => each !== one);
  one.stop.abort();
  go();
}

/** Take out of the list what is over. */
export function clear() {
  uploads = uploads.filter((each) => each.state !== "done" && each.state !== "failed");
  moved.tell(undefined);
}

/** A tab that is closed meanwhile stops what runs: the browser asks first. */
addEventListener("beforeunload", (event) => {
  if (isBusy()) event.preventDefault();
});
