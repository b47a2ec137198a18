// @ts-check
/** For whoever runs the node: who lives here, letters, room, checks, copies, invites. */

import { inviteSettings } from "../settings/invites.js";
import { accountList } from "./accounts.js";
import { checking } from "./checking.js";
import { keptReplicas } from "./kept.js";
import { inbox, toldLetters } from "./letters.js";
import { roomOfAll } from "./room.js";
import { traffic } from "./traffic.js";

/** All of it. @param {AbortSignal} signal of the view's end */
export function running(signal) {
  return [
    accountList(),
    inviteSettings(),
    inbox(),
    toldLetters(signal),
    roomOfAll(),
    checking(signal),
    keptReplicas(),
    traffic(),
  ];
}
