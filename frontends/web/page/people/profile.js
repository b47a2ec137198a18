// @ts-check
/** What somebody says of themselves: shown; and, of oneself, written and shown to whom one likes. */

import { asFailed, bytes, list, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { plainName, plainText } from "../base/look.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { avatar } from "../parts/avatar.js";
import { form } from "../parts/dialog.js";
import { mayLeadTo, outward } from "../parts/outward.js";
import { section } from "../parts/page.js";
import { arriving } from "../parts/states.js";
import { tell } from "../parts/toast.js";
import { audience, called } from "../sharing/audience.js";

/** @typedef {{field: "name" | "text" | "links" | "picture", value: string, seen_by: string[]}} ProfileField */

const MOST_PICTURE = 1_000_000;
const SIDE = 320;

/**
 * A person's picture, or their letter.
 * @param {string} name
 * @param {ProfileField[]} fields
 */
export function face(name, fields) {
  const spot = avatar(name, { large: true });
  const picture = fields.find(({ field }) => field === "picture")?.value;
  if (picture) void showPicture(spot, picture);
  return spot;
}

/**
 * @param {HTMLElement} spot
 * @param {string} path of the picture
 */
async function showPicture(spot, path) {
  try {
    const address = URL.createObjectURL(await bytes("cat", { paths: [path] }));
    const image = h("img", { src: address, alt: "" });
    image.addEventListener("load", () => URL.revokeObjectURL(address));
    fill(spot, image);
  } catch (thrown) {
    asFailed(thrown); // the letter stays
  }
}

/** @param {ProfileField[]} fields */
export function facts(fields) {
  const of = (/** @type {string} */ name) => fields.find(({ field }) => field === name)?.value;
  const text = of("text");
  const links = (of("links") ?? "").split("\n").filter(mayLeadTo);
  if (!text && !links.length) return null;
  return section(
    t("profile.about"),
    text && h("p", { class: "said" }, plainText(text)),
    links.length > 0 &&
      h(
        "ul",
        {},
        links.map((each) => h("li", {}, outward(each, plainName(each)))),
      ),
  );
}

/** One's own, to be changed: for the settings. */
export function profileSettings() {
  const place = h("div", { class: "stack" });
  const load = () =>
    arriving(place, async () => {
      const [fields, all] = await Promise.all([list("profile", {}, "field"), audience()]);
      return editor(/** @type {ProfileField[]} */ (fields), all, load);
    });
  void load();
  return section(t("profile.mine"), h("p", { class: "soft" }, t("profile.said")), place);
}

/**
 * @param {ProfileField[]} fields
 * @param {import("../sharing/audience.js").Somebody[]} all
 * @param {() => void} load
 */
function editor(fields, all, load) {
  const of = (/** @type {string} */ name) => fields.find(({ field }) => field === name);
  const texts = /** @type {const} */ (["name", "text", "links"]).map((field) => {
    const input =
      field === "name"
        ? h("input", {
            id: `profile-${field}`,
            value: of(field)?.value ?? "",
            maxlength: 128,
          })
        : h("textarea", {
            id: `profile-${field}`,
            rows: 3,
            value: of(field)?.value ?? "",
          });
    const who = seenBy(field, of(field)?.seen_by ?? [], all);
    return {
      field,
      input,
      who,
      element: h(
        "div",
        { class: "field seen" },
        h("label", { for: input.id }, t(`profile.${field}`)),
        input,
        who.element,
      ),
    };
  });
  const picture = h("input", {
    type: "file",
    accept: "image/png,image/jpeg,image/webp",
    id: "profile-picture",
  });
  const who = seenBy("picture", of("picture")?.seen_by ?? [], all);
  const pictured = h(
    "div",
    { class: "field seen" },
    h("label", { for: picture.id }, t("profile.picture")),
    h("div", { class: "buttons" }, face(session.myself().name, fields), picture),
    who.element,
  );
  return form([pictured, ...texts.map((each) => each.element)], t("profile.save"), async () => {
    const file = picture.files?.[0];
    if (file)
      await post("profile/set", {
        field: "picture",
        value: await small(file),
      });
    for (const each of texts)
      if (each.input.value !== (of(each.field)?.value ?? ""))
        await post("profile/set", {
          field: each.field,
          value: each.input.value,
        });
    for (const each of [who, ...texts.map(({ who }) => who)])
      if (each.isChanged())
        await post("profile/share", {
          field: each.field,
          who: [each.select.value],
        });
    tell(t("profile.saved"));
    load();
  });
}

/**
 * Who sees a field. Several at once are kept as they are until another choice is made.
 * @param {string} field
 * @param {string[]} seen
 * @param {import("../sharing/audience.js").Somebody[]} all
 */
function seenBy(field, seen, all) {
  const now = seen.length === 0 ? "nobody" : seen.length === 1 ? seen[0] : "";
  const options = [
    seen.length > 1 && h("option", { value: "" }, seen.join(", ")),
    h("option", { value: "nobody", selected: now === "nobody" }, t("profile.nobody")),
    all.map((each) => h("option", { value: each.name, selected: now === each.name }, called(each))),
    h("option", { value: "public", selected: now === "public" }, t("profile.public")),
  ];
  const select = h(
    "select",
    {
      "aria-label": t("profile.seen_by", {
        field: t(/** @type {"profile.name"} */ (`profile.${field}`)),
      }),
    },
    options.flat(),
  );
  return {
    field,
    select,
    element: select,
    isChanged: () => select.value !== now,
  };
}

/**
 * A picture of a size that fits, as base64: what it says besides, such as where it was taken, is left out.
 * @param {File} file
 */
async function small(file) {
  const drawn = await createImageBitmap(file);
  const side = Math.min(drawn.width, drawn.height);
  const canvas = h("canvas", { width: SIDE, height: SIDE });
  canvas
    .getContext("2d")
    ?.drawImage(
      drawn,
      (drawn.width - side) / 2,
      (drawn.height - side) / 2,
      side,
      side,
      0,
      0,
      SIDE,
      SIDE,
    );
  const blob = /** @type {Blob} */ (
    await new Promise((/** @type {BlobCallback} */ done) => canvas.toBlob(done, "image/jpeg", 0.88))
  );
  const bytes = new Uint8Array(await blob.arrayBuffer()).subarray(0, MOST_PICTURE);
  return btoa(Array.from(bytes, (each) => String.fromCharCode(each)).join(""));
}
