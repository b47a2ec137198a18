// @ts-check
/** What a file is, by its name and what the daemon says of it: for pictures and viewers. */

import { ending } from "../base/paths.js";
import { t } from "../base/text.js";
import { isFolder } from "./entries.js";

/** @typedef {"folder" | "image" | "video" | "audio" | "pdf" | "markdown" | "text" | "archive" | "link" | "unreadable" | "file"} Kind */

/** @type {Partial<Record<Kind, string>>} */
const ENDINGS = {
  image: "jpg jpeg png gif webp avif bmp ico",
  video: "mp4 m4v webm mov mkv ogv",
  audio: "mp3 m4a aac flac ogg oga opus wav",
  pdf: "pdf",
  markdown: "md markdown",
  archive: "zip tar gz tgz bz2 xz zst 7z rar jar iso",
  text:
    "txt text log csv tsv json yaml yml toml ini cfg conf xml html htm svg css js mjs ts jsx tsx py rb go rs c h cc cpp hpp java kt " +
    "swift sh bash zsh fish ps1 sql r lua pl php tex bib rst org ics vcf diff patch gitignore env dockerfile makefile lock",
};

/** @type {Map<string, Kind>} */
const BY_ENDING = new Map(
  Object.entries(ENDINGS).flatMap(([kind, all]) =>
    all.split(" ").map((each) => [each, /** @type {Kind} */ (kind)]),
  ),
);

/** Names without an ending that are text. */
const TEXTS = new Set([
  "readme",
  "license",
  "licence",
  "makefile",
  "dockerfile",
  "changelog",
  "copying",
  "authors",
  "notes",
]);

/**
 * @param {{kind: string, name: string, type?: string}} entry
 * @returns {Kind}
 */
export function kindOf(entry) {
  if (isFolder(entry)) return "folder";
  if (entry.kind === "link" || entry.kind === "unreadable") return entry.kind;
  const found = BY_ENDING.get(ending(entry.name));
  if (found) return found;
  if (entry.type?.startsWith("text/") || TEXTS.has(entry.name.toLowerCase())) return "text";
  return "file";
}

/** @type {Record<Kind, import("../base/icons.js").IconName>} */
export const ICONS = {
  folder: "files",
  image: "image",
  video: "video",
  audio: "audio",
  pdf: "pdf",
  markdown: "text",
  text: "text",
  archive: "archive",
  link: "link",
  unreadable: "warn",
  file: "file",
};

/**
 * In a word, for people.
 * @param {{kind: string, name: string, type?: string}} entry
 */
export function called(entry) {
  const kind = kindOf(entry);
  if (kind === "file")
    return ending(entry.name)
      ? t("kind.of", { ending: ending(entry.name).toUpperCase() })
      : t("kind.file");
  return t(`kind.${kind}`);
}
