// @ts-check
/**
 * START HERE. The page: which of three screens there is.
 *
 *     entry/outside.js   this browser has not entered, or its visit is over
 *     entry/welcome.js   it has; nobody is signed in: sign up, sign in, unlock
 *     shell/shell.js     somebody is: the frame, and in it the view that the address names
 *
 * base/      asking the daemon, making elements, texts, addresses
 * parts/     dialogs, menus, forms: what all views are made of
 * drive/     files and folders; viewers/ shows one file
 * sharing/   who sees what; trash/ what was removed
 * people/    contacts, circles, profiles; feed/ posts and notifications
 * settings/  the account, this page, this node
 *
 * There is no framework and no build: these files run as they are.
 */

import { Failed, asFailed, enter, look, refused } from "./base/api.js";
import { showTheme } from "./base/choices.js";
import { fill } from "./base/dom.js";
import * as session from "./base/session.js";
import { loadLanguage } from "./base/text.js";
import { outside } from "./entry/outside.js";
import { failed } from "./parts/states.js";

const place = /** @type {HTMLElement} */ (document.getElementById("page"));

let isFramed = false;

/** Show the screen that fits. Another account begins with nothing of the one before. */
async function show() {
  if (isFramed) return location.reload();
  if (session.whoIsHere()) {
    isFramed = true;
    const { shell } = await import("./shell/shell.js");
    shell(place);
  } else {
    const { welcome } = await import("./entry/welcome.js");
    welcome(place);
  }
}

/** Enter, and begin. */
async function start() {
  showTheme();
  await loadLanguage();
  const byLink = location.hash.startsWith("#enter=");
  try {
    await enter();
    isIn = true;
    session.changed.on(show);
    await session.refresh();
    if (!session.whoIsHere()) await show();
  } catch (thrown) {
    if (!(thrown instanceof Failed)) throw thrown;
    if (thrown.kind === "Expired") outside(place, byLink ? thrown.said : "");
    else
      fill(
        place,
        failed(thrown, () => location.reload()),
      );
  }
}

let isIn = false;
let isAsking = false;

/** The daemon may end a visit, or a session, at any time: whatever is asked for next hears of it. */
refused.on(async ({ kind }) => {
  if (kind === "NotSignedIn" && session.whoIsHere()) await session.refresh();
  if (kind !== "Expired" || !isIn || isAsking) return; // an attempt, a card or an invite can be over, too
  isAsking = true;
  try {
    await look("web/visit");
  } catch (thrown) {
    if (asFailed(thrown).kind === "Expired") outside(place);
  } finally {
    isAsking = false;
  }
});
addEventListener("hashchange", () => {
  if (location.hash.startsWith("#enter=")) void start(); // a fresh link, opened in the same tab
});

await start();
