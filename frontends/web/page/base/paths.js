// @ts-check
/** Paths of the drive, `/alice/photos/x.jpg`; the first part says whose. */

/**
 * @param {string} folder
 * @param {string} name
 */
export function join(folder, name) {
  return folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}

/** @param {string} path */
export function parts(path) {
  return path.split("/").filter(Boolean);
}

/** @param {string} path */
export function nameOf(path) {
  return parts(path).at(-1) ?? "/";
}

/** @param {string} path */
export function parentOf(path) {
  return `/${parts(path).slice(0, -1).join("/")}`;
}

/**
 * Whether a path is a folder's, or below it.
 * @param {string} path
 * @param {string} folder
 */
export function isWithin(path, folder) {
  return path === folder || path.startsWith(join(folder, ""));
}

/**
 * The ending of a name in small letters, without its dot; empty if it has none.
 * @param {string} name
 */
export function ending(name) {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : "";
}

/**
 * A name that is not taken: `report (2).txt`.
 * @param {string} name
 * @param {(name: string) => boolean} isTaken
 */
export function free(name, isTaken) {
  const dot = name.lastIndexOf(".");
  const [stem, rest] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  let found = name;
  for (let number = 2; isTaken(found); number += 1) found = `${stem} (${number})${rest}`;
  return found;
}
