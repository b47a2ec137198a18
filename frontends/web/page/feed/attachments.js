// @ts-check
/**
 * Files that go along with a post that is being written: of the drive, or from the disk.
 *
 * What comes from the disk is uploaded into a folder of the drive first, as any file.
 */

import { Failed, post } from "../base/api.js";
import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { plainName, size } from "../base/look.js";
import { free, join } from "../base/paths.js";
import * as session from "../base/session.js";
import { t } from "../base/text.js";
import { chosen, pasted } from "../drive/drop.js";
import { contentsOf, isTaken } from "../drive/entries.js";
import { pickFiles } from "../drive/picker.js";
import { picture, sign } from "../drive/pictures.js";
import { cancel, stored, upload } from "../drive/uploads.js";
import { iconButton } from "../parts/buttons.js";
import { attempt } from "../parts/toast.js";

const MOST = 16;

/**
 * @typedef {object} Attached
 * @property {string} name
 * @property {number} size
 * @property {import("../drive/entries.js").Entry} [entry] of the drive
 * @property {import("../drive/uploads.js").Upload} [coming] from the disk
 */

/** The list, its buttons, and what to do with it. */
export function attachments() {
  /** @type {Attached[]} */
  let all = [];
  const list = h("ul", { class: "rows attached", hidden: true });
  const show = () => {
    list.hidden = !all.length;
    fill(
      list,
      all.map((each) => line(each, () => remove(each))),
    );
  };
  const remove = (/** @type {Attached} */ each) => {
    all = all.filter((other) => other !== each);
    if (each.coming?.state !== "done" && each.coming) cancel(each.coming);
    show();
  };
  const check = (/** @type {number} */ more) => {
    if (all.length + more > MOST)
      throw new Failed({ kind: "TooMany", message: t("attach.most", { count: MOST }) });
  };
  const add = (/** @type {Attached[]} */ more) => {
    check(more.length);
    all.push(...more);
    show();
  };
  const send = (/** @type {{path: string, file: File}[]} */ files) =>
    files.length &&
    attempt(async () => {
      check(files.length);
      add(await uploaded(files));
    });
  const buttons = h(
    "div",
    { class: "buttons" },
    button("files", t("attach.drive"), () =>
      pickFiles(t("attach.drive"), t("attach.go"), session.home(), (entries) =>
        add(entries.map((entry) => ({ name: entry.name, size: entry.size, entry }))),
      ),
    ),
    button("upload", t("attach.disk"), () => choose(send)),
  );
  return {
    element: h("div", { class: "stack" }, list, buttons),
    paste: (/** @type {DataTransfer} */ data) => send(pasted(data, t("drive.pasted"), () => false)),
    /** Where all of them are, once they are stored. */
    paths: () => Promise.all(all.map(({ entry, coming }) => entry?.path ?? path(coming))),
    clear: () => {
      all = [];
      show();
    },
  };
}

/** @param {import("../drive/uploads.js").Upload | undefined} coming */
function path(coming) {
  return coming ? stored(coming) : "";
}

/**
 * @param {import("../base/icons.js").IconName} mark
 * @param {string} said
 * @param {() => unknown} go
 */
function button(mark, said, go) {
  return h("button", { type: "button", class: "plain", onclick: go }, icon(mark), said);
}

/**
 * @param {Attached} each
 * @param {() => void} remove
 */
function line({ name, size: bytes, entry }, remove) {
  return h(
    "li",
    {},
    entry ? picture(entry) : sign({ name, kind: "file" }),
    h("span", { class: "grow" }, plainName(name), h("span", { class: "soft" }, size(bytes))),
    iconButton("close", t("attach.remove", { name: plainName(name) }), { onclick: remove }),
  );
}

/** @param {(files: {path: string, file: File}[]) => unknown} send */
function choose(send) {
  const input = h("input", { type: "file", multiple: true });
  input.addEventListener("change", () => send(chosen(/** @type {FileList} */ (input.files))));
  input.click();
}

/**
 * Begin to upload, each under a name that is not taken in the folder for such files.
 * @param {{path: string, file: File}[]} files
 * @returns {Promise<Attached[]>}
 */
async function uploaded(files) {
  const folder = join(session.home(), t("attach.folder"));
  await post("mkdir", { paths: [folder], parents: true });
  const taken = isTaken(await contentsOf(folder, new AbortController().signal));
  /** @type {Set<string>} */
  const given = new Set();
  const named = files.map(({ path, file }) => {
    const name = free(path, (each) => taken(each) || given.has(each));
    given.add(name);
    return { path: name, file };
  });
  const coming = await upload(folder, named);
  return coming.map((each) => ({ name: each.file.name, size: each.file.size, coming: each }));
}
