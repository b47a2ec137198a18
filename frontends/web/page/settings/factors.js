// @ts-check
/** Second factors: apps, security keys, backup codes. */

import { look, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { ago } from "../base/look.js";
import { t } from "../base/text.js";
import { fromLetters, ofKey, proven, toLetters } from "../entry/factor.js";
import { copyable } from "../parts/copying.js";
import { dialog, form } from "../parts/dialog.js";
import { field, password } from "../parts/fields.js";
import { section } from "../parts/page.js";
import { qrCode } from "../parts/qr.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";
import { withPassword } from "./password.js";

/** @typedef {{number: number, kind: string, name: string, added: number, used: number | null}} Factor */

/** All of them, and ways to have more. */
export function factorSettings() {
  const place = h("div", { class: "stack" });
  const load = () =>
    arriving(place, async () => {
      /** @type {{factors: Factor[], backups: number}} */
      const found = await look("factors");
      const rows = found.factors.map((each) => line(each, load));
      return [
        rows.length
          ? h("ul", { class: "rows" }, rows)
          : h("p", { class: "soft" }, t("factors.none")),
        rows.length > 0 &&
          h("p", { class: "soft" }, t("factors.backups", { count: found.backups })),
        h(
          "div",
          { class: "buttons" },
          h(
            "button",
            { type: "button", onclick: () => addApp(load) },
            icon("qr"),
            t("factors.add_app"),
          ),
          "credentials" in navigator &&
            h(
              "button",
              { type: "button", onclick: () => addKey(load) },
              icon("shield"),
              t("factors.add_key"),
            ),
          rows.length > 0 &&
            h("button", { type: "button", onclick: () => backups(load) }, t("factors.new_backups")),
        ),
      ];
    });
  void load();
  return section(t("factors.title"), h("p", { class: "soft" }, t("factors.said")), place);
}

/**
 * @param {Factor} each
 * @param {() => void} load
 */
function line(each, load) {
  const used = each.used ? t("factors.used", { time: ago(each.used) }) : t("factors.unused");
  const remove = () =>
    withPassword(
      t("factors.remove"),
      t("factors.remove_said", { name: each.name }),
      async (secret, body) => {
        await proven(
          body,
          await post("factors/remove", {
            number: each.number,
            password: secret,
          }),
        );
        load();
      },
    );
  return h(
    "li",
    {},
    icon(each.kind === "key" ? "shield" : "qr"),
    h("span", { class: "grow" }, h("strong", {}, each.name), h("span", { class: "soft" }, used)),
    h("button", { type: "button", onclick: remove }, t("factors.remove")),
  );
}

/** @param {() => void} load */
function addApp(load) {
  const place = h("div", { class: "stack" });
  const shown = dialog(t("factors.add_app"), [place]);
  void arriving(place, async () => {
    /** @type {{secret: string, uri: string}} */
    const drawn = await look("factors/secret");
    const name = field(t("name"), {
      value: t("factors.app_name"),
      required: true,
      maxlength: 64,
    });
    const code = field(t("factor.code"), {
      inputmode: "numeric",
      autocomplete: "one-time-code",
      required: true,
      maxlength: 8,
    });
    const secret = password(t("password"), "current-password");
    const asked = form([name.element, code.element, secret.element], t("factors.add"), async () => {
      const done = await post("factors/app", {
        name: name.input.value,
        secret: drawn.secret,
        code: code.input.value.trim(),
        password: secret.input.value,
      });
      await proven(place, done);
      shown.close();
      load();
      tell(t("factors.added"));
    });
    return [
      h("p", { class: "soft" }, t("factors.app_said")),
      await qrCode(drawn.uri, t("factors.qr")),
      h("details", {}, h("summary", {}, t("factors.by_hand")), copyable(drawn.secret)),
      asked,
    ];
  });
}

/** @param {() => void} load */
function addKey(load) {
  const name = field(t("name"), {
    value: t("factors.key_name"),
    required: true,
    maxlength: 64,
  });
  withPassword(
    t("factors.add_key"),
    t("factor.key_said"),
    async (secret, body) => {
      const begun = await proven(
        body,
        await post("factors/key/begin", {
          name: name.input.value,
          password: secret,
        }),
      );
      const made = await create(begun);
      await post("factors/key", { attempt: begun.attempt, ...made });
      load();
      tell(t("factors.added"));
    },
    [name.element],
  );
}

/** @param {{challenge: string, account: string}} begun */
async function create(begun) {
  const publicKey = {
    challenge: fromLetters(begun.challenge),
    rp: { id: location.hostname, name: "Holdfast" },
    user: {
      id: new TextEncoder().encode(begun.account),
      name: begun.account,
      displayName: begun.account,
    },
    pubKeyCredParams: [
      { type: /** @type {const} */ ("public-key"), alg: -7 },
      { type: /** @type {const} */ ("public-key"), alg: -8 },
      { type: /** @type {const} */ ("public-key"), alg: -257 },
    ],
    attestation: /** @type {const} */ ("none"),
    authenticatorSelection: {
      userVerification: /** @type {const} */ ("discouraged"),
      residentKey: /** @type {const} */ ("discouraged"),
    },
  };
  const found = await ofKey(() => navigator.credentials.create({ publicKey }));
  const answer = /** @type {AuthenticatorAttestationResponse} */ (found.response);
  return {
    client_data: toLetters(answer.clientDataJSON),
    said: toLetters(answer.getAuthenticatorData()),
  };
}

/** @param {() => void} load */
function backups(load) {
  withPassword(t("factors.new_backups"), t("factors.new_backups_said"), async (secret, body) => {
    /** @type {{codes: string[]}} */
    const { codes } = await proven(body, await post("factors/backups", { password: secret }));
    load();
    dialog(t("factors.new_backups"), [
      h("p", {}, t("factors.write_down")),
      copyable(codes.join("\n"), { many: true }),
    ]);
  });
}
