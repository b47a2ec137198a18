// @ts-check
/** Small pictures of images: a few at a time, for what is seen, and kept while there is room. */

import { asFailed, bytes } from "../base/api.js";

const AT_ONCE = 3;
/** Browsers open six connections to one host; uploads and everything else need some. */
const KEPT = 400;

/** @type {Map<string, string>} addresses of blobs, the one used last at the end */
const kept = new Map();
/** @type {Set<string>} images that no thumbnail is made of */
const without = new Set();
/** @type {{key: string, path: string, image: HTMLImageElement}[]} */
let waiting = [];
let running = 0;

/**
 * Have an image show it, as soon as it is there and if the image is still seen.
 * @param {HTMLImageElement} image
 * @param {import("./entries.js").Entry} entry
 */
export function showThumbnail(image, entry) {
  const key = `${entry.path} ${entry.modified} ${entry.size}`;
  const address = kept.get(key);
  if (address) return show(image, key, address);
  if (without.has(key)) return undefined;
  waiting.push({ key, path: entry.path, image });
  return requestIdleCallback(go);
}

/** @type {(work: () => void) => unknown} */
const requestIdleCallback = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 30));

/** Ask for the next ones. */
function go() {
  waiting = waiting.filter((each) => each.image.isConnected);
  while (running < AT_ONCE && waiting.length) {
    const { key, path, image } = /** @type {(typeof waiting)[0]} */ (waiting.shift());
    running += 1;
    void ask(key, path, image).finally(() => {
      running -= 1;
      go();
    });
  }
}

/**
 * @param {string} key
 * @param {string} path
 * @param {HTMLImageElement} image
 */
async function ask(key, path, image) {
  try {
    const blob = await bytes("thumbnail", { path, if_any: true });
    if (!blob.size)
      without.add(key); // its icon stays
    else show(image, key, URL.createObjectURL(new Blob([blob], { type: "image/webp" })));
  } catch (thrown) {
    asFailed(thrown);
    without.add(key); // its icon stays
  }
}

/**
 * @param {HTMLImageElement} image
 * @param {string} key
 * @param {string} address
 */
function show(image, key, address) {
  kept.delete(key);
  kept.set(key, address);
  while (kept.size > KEPT) {
    const [oldest, gone] = /** @type {[string, string]} */ (kept.entries().next().value);
    kept.delete(oldest);
    URL.revokeObjectURL(gone);
  }
  image.src = address;
  image.hidden = false;
}
