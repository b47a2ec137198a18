// @ts-check
import { Failed, ask, enter } from "./api.js";

const said = /** @type {HTMLElement} */ (document.getElementById("said"));

/** Say whether one has entered here, and who is signed in. */
async function start() {
  try {
    await enter();
    const status = await ask("GET", "status");
    said.textContent = status.signed_in
      ? `${status.signed_in.name} is signed in.`
      : "You have entered; nobody is signed in yet.";
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    said.textContent = `${error.message}. ${error.hint}.`;
  }
}

await start();
