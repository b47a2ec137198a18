// @ts-check
/**
 * The second factor: what a call with a password may ask for before it does its work.
 *
 * Until then the call waits at the daemon; showing a code or a key goes on with it.
 */

import { Failed, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { t } from "../base/text.js";
import { form } from "../parts/dialog.js";
import { field } from "../parts/fields.js";

/**
 * @typedef {object} Asked
 * @property {string} attempt
 * @property {boolean} code whether an app's code will do
 * @property {string[]} keys security keys that will do
 * @property {string} challenge
 * @property {number} backups
 */

/**
 * What a call gave; if it asks for a second factor, what it gives once that was shown in `place`.
 * @param {HTMLElement} place
 * @param {any} given
 * @returns {Promise<any>}
 */
export async function proven(place, given) {
  if (!given?.asked) return given;
  const before = [...place.childNodes];
  const done = await new Promise((resolve) => ask(place, given.asked, resolve));
  fill(place, before);
  return proven(place, done);
}

/**
 * @param {HTMLElement} place
 * @param {Asked} asked
 * @param {(given: any) => void} done
 */
function ask(place, asked, done) {
  const ways = [
    asked.code &&
      codeForm(
        "factor/code",
        t("factor.code"),
        { inputmode: "numeric", autocomplete: "one-time-code", maxlength: 8 },
        asked,
        done,
      ),
    asked.keys.length > 0 && keyButton(asked, done),
    asked.backups > 0 &&
      h(
        "details",
        {},
        h("summary", {}, t("factor.backup_instead")),
        codeForm(
          "factor/backup",
          t("factor.backup"),
          { autocomplete: "off", spellcheck: "false" },
          asked,
          done,
        ),
      ),
  ];
  fill(place, h("h1", {}, t("factor.title")), h("p", { class: "soft" }, t("factor.said")), ways);
  place.querySelector("input")?.focus();
}

/**
 * @param {string} call
 * @param {string} label
 * @param {Record<string, any>} props
 * @param {Asked} asked
 * @param {(given: any) => void} done
 */
function codeForm(call, label, props, asked, done) {
  const code = field(label, { required: true, ...props });
  return form([code.element], t("go_on"), async () =>
    done(
      await post(call, {
        attempt: asked.attempt,
        code: code.input.value.trim(),
      }),
    ),
  );
}

/**
 * @param {Asked} asked
 * @param {(given: any) => void} done
 */
function keyButton(asked, done) {
  return form(
    [h("p", {}, t("factor.key_said"))],
    t("factor.key"),
    async () =>
      done(
        await post("factor/key", {
          attempt: asked.attempt,
          ...(await sign(asked)),
        }),
      ),
    { icon: "shield" },
  );
}

/** Have one of the keys sign. @param {Asked} asked */
async function sign(asked) {
  const publicKey = {
    challenge: fromLetters(asked.challenge),
    rpId: location.hostname,
    allowCredentials: asked.keys.map((each) => ({
      type: /** @type {const} */ ("public-key"),
      id: fromLetters(each),
    })),
    userVerification: /** @type {const} */ ("discouraged"),
  };
  const found = await ofKey(() => navigator.credentials.get({ publicKey }));
  const answer = /** @type {AuthenticatorAssertionResponse} */ (found.response);
  return {
    credential: toLetters(found.rawId),
    client_data: toLetters(answer.clientDataJSON),
    said: toLetters(answer.authenticatorData),
    signature: toLetters(answer.signature),
  };
}

/**
 * What a security key answers. Browsers do not tell apart why it does not: nobody touched it,
 * their own window was closed, it is another key.
 * @param {() => Promise<Credential | null>} work
 * @returns {Promise<PublicKeyCredential>}
 */
export async function ofKey(work) {
  try {
    return /** @type {PublicKeyCredential} */ (await work());
  } catch (thrown) {
    if (!(thrown instanceof DOMException)) throw thrown;
    throw new Failed({
      kind: "Denied",
      message: t("factor.key_silent"),
      hint: t("factor.key_again"),
    });
  }
}

/** @param {string} letters base64url */
export function fromLetters(letters) {
  const plain = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (each) => each.charCodeAt(0));
}

/** @param {ArrayBuffer} bytes */
export function toLetters(bytes) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
