// @ts-check
/** What people drag onto the page or paste: files, whole folders, pictures, and the page's own entries. */

import { free } from "../base/paths.js";

/** The kind of data that entries of this page are dragged as. */
export const OURS = "application/x-holdfast-paths";

/** Files let go of where nobody takes them would be opened, instead of the page and what goes on in it. */
export function keepFilesOut() {
  addEventListener("dragover", (event) => {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  });
}

/**
 * @typedef {object} Found
 * @property {{path: string, file: File}[]} files each with the folders it is below
 * @property {string[]} empty folders without a file in them
 */

/**
 * Everything that was dropped, folders walked through. To be called in the event itself.
 * @param {DataTransfer} data
 * @returns {Promise<Found>}
 */
export async function dropped(data) {
  /** @type {Found} */
  const found = { files: [], empty: [] };
  const roots = [...data.items].flatMap((each) => each.webkitGetAsEntry() ?? []); // before any await: it is empty then
  if (!roots.length)
    found.files.push(...[...data.files].map((file) => ({ path: file.name, file })));
  for (const each of roots) await walk(each, "", found);
  return found;
}

/**
 * @param {FileSystemEntry} entry
 * @param {string} above
 * @param {Found} found
 */
async function walk(entry, above, found) {
  const path = above + entry.name;
  if (entry.isFile) {
    const file = await new Promise((done, fail) =>
      /** @type {FileSystemFileEntry} */ (entry).file(done, fail),
    );
    found.files.push({ path, file: /** @type {File} */ (file) });
    return;
  }
  const inside = await children(/** @type {FileSystemDirectoryEntry} */ (entry));
  if (!inside.length) found.empty.push(path);
  for (const each of inside) await walk(each, `${path}/`, found);
}

/**
 * Browsers give a hundred at a time.
 * @param {FileSystemDirectoryEntry} folder
 */
async function children(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return all;
    all.push(...some);
  }
}

/**
 * Files that were pasted; a picture without a name gets one.
 * @param {DataTransfer} data
 * @param {string} usual
 * @param {(name: string) => boolean} isTaken
 * @returns {{path: string, file: File}[]}
 */
export function pasted(data, usual, isTaken) {
  return [...data.files].map((file) => {
    const ours = file.name === "image.png" ? `${usual}.png` : file.name; // what browsers call a picture from the clipboard
    return { path: free(ours, isTaken), file };
  });
}

/**
 * Files of an `<input type="file">`, with the folders they are below.
 * @param {FileList} files
 */
export function chosen(files) {
  return [...files].map((file) => ({
    path: file.webkitRelativePath || file.name,
    file,
  }));
}
