// @ts-check
/** The page's pictures: strokes on a field of 24 by 24, drawn in the colour of the text. */

const SVG = "http://www.w3.org/2000/svg";

/** The address of the page's own mark. */
export const MARK = new URL("../icon.svg", import.meta.url).href;

/** Each is the `d` of one path. */
const PATHS = {
  files:
    "M3 6.5A1.5 1.5 0 0 1 4.5 5H9l2 2.5h8.5A1.5 1.5 0 0 1 21 9v8.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5z",
  shared:
    "M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3.5 19c.4-3 2.6-5 5.5-5s5.1 2 5.5 5M16 5.3a3 3 0 0 1 0 5.4M17.5 14.3c1.7.8 2.8 2.5 3 4.7",
  feed: "M5 5h14a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 19 17h-7l-4.5 3.5V17H5a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 5 5zM7.5 9.5h9M7.5 12.5h6",
  people: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.6-3.8 3.6-6 7.5-6s6.9 2.2 7.5 6",
  circle:
    "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM9 10.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM15.5 11.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM11 17a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3z",
  trash: "M4.5 6.5h15M9.5 6.5V4.5h5v2M6.5 6.5l.8 13h9.4l.8-13M10 10.5v5.5M14 10.5v5.5",
  settings:
    "M12 15.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM19.4 13.5l1.6 1.2-1.8 3.2-1.9-.8a7 7 0 0 1-1.8 1l-.3 2.1h-3.7l-.3-2.1a7 7 0 0 1-1.8-1l-1.9.8-1.8-3.2 1.6-1.2a7 7 0 0 1 0-2.1L5.7 10.2 7.5 7l1.9.8a7 7 0 0 1 1.8-1l.3-2.1h3.7l.3 2.1a7 7 0 0 1 1.8 1l1.9-.8 1.8 3.2-1.6 1.2a7 7 0 0 1 0 2.1z",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16.2 16.2 20.5 20.5",
  bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4",
  plus: "M12 5v14M5 12h14",
  upload: "M12 15.5V4.5M7.5 9 12 4.5 16.5 9M4.5 15.5v4h15v-4",
  download: "M12 4.5v11M7.5 11l4.5 4.5 4.5-4.5M4.5 15.5v4h15v-4",
  list: "M8.5 6.5h12M8.5 12h12M8.5 17.5h12M4 6.5h.1M4 12h.1M4 17.5h.1",
  grid: "M4 4h6.5v6.5H4zM13.5 4H20v6.5h-6.5zM4 13.5h6.5V20H4zM13.5 13.5H20V20h-6.5z",
  sort: "M7.5 5v14M4 15.5 7.5 19l3.5-3.5M13.5 7H20M13.5 12h4.5M13.5 17h2.5",
  more: "M5 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6zM12 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6zM19 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6z",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  back: "M14.5 5.5 8 12l6.5 6.5",
  next: "M9.5 5.5 16 12l-6.5 6.5",
  down: "M6 9.5l6 6 6-6",
  up: "M6 14.5l6-6 6 6",
  file: "M6 3.5h8L18.5 8v12.5H6zM13.5 3.5V8.5h5",
  text: "M6 3.5h8L18.5 8v12.5H6zM13.5 3.5V8.5h5M9 12.5h6.5M9 16h4.5",
  image:
    "M4.5 4.5h15v15h-15zM8.5 10a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM4.5 16.5l4.5-4 3.5 3 3-2.5 4 3.5",
  audio:
    "M9 17.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM9 17.5V6l10.5-2v11.5M19.5 15.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z",
  video: "M3.5 6h12v12h-12zM15.5 10.5l5-3v9l-5-3z",
  pdf: "M6 3.5h8L18.5 8v12.5H6zM13.5 3.5V8.5h5M9 17v-5h1.5a1.4 1.4 0 0 1 0 2.8H9M13.5 17v-5h2M13.5 14.5h1.5",
  archive: "M4 4.5h16v4H4zM5.5 8.5v11h13v-11M10 12h4",
  link: "M10 14a3.5 3.5 0 0 0 5 0l3.5-3.5a3.5 3.5 0 0 0-5-5L12 7M14 10a3.5 3.5 0 0 0-5 0l-3.5 3.5a3.5 3.5 0 0 0 5 5L12 17",
  edit: "M4.5 19.5l1-4L16 5l3 3L8.5 18.5zM13.5 7.5l3 3",
  move: "M3 6.5A1.5 1.5 0 0 1 4.5 5H9l2 2.5h8.5A1.5 1.5 0 0 1 21 9v8.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5zM8.5 13h6.5M12.5 10.5 15 13l-2.5 2.5",
  copy: "M8.5 8.5h11v11h-11zM5.5 15.5h-1v-11h11v1",
  history: "M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5M12 8v4.5l3 2",
  info: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 11v5.5M12 8h.1",
  lock: "M6 10.5h12v9.5H6zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5",
  out: "M10 4.5H5v15h5M9.5 12H20M16 8l4 4-4 4",
  shield: "M12 3.5l7.5 2.5v5.5c0 4.5-3 7.5-7.5 9-4.5-1.5-7.5-4.5-7.5-9V6zM8.5 12l2.5 2.5 4.5-4.5",
  warn: "M12 4.5 21 19.5H3zM12 10v4.5M12 17h.1",
  comment: "M4.5 5h15v11H12l-4 3.5V16H4.5z",
  undo: "M8.5 5 4.5 9l4 4M4.5 9h9a5.5 5.5 0 0 1 0 11H9",
  pause: "M8.5 5.5v13M15.5 5.5v13",
  play: "M8 5.5v13l10.5-6.5z",
  node: "M4 5h16v5.5H4zM4 13.5h16V19H4zM7.5 7.7h.1M7.5 16.2h.1",
  clock: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.5V12l3 2",
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5M20 14v2.5M14 20h2.5M20 20h-.5",
  smile:
    "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM8.5 14c.8 1.5 2 2.2 3.5 2.2s2.7-.7 3.5-2.2M9 9.5h.1M15 9.5h.1",
  eye: "M3 12c2-4 5.2-6 9-6s7 2 9 6c-2 4-5.2 6-9 6s-7-2-9-6zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  new_folder:
    "M3 6.5A1.5 1.5 0 0 1 4.5 5H9l2 2.5h8.5A1.5 1.5 0 0 1 21 9v8.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5zM12 10.5v5.5M9.2 13.2h5.6",
};

/** @typedef {keyof typeof PATHS} IconName */

/**
 * One of them. It says nothing to a screen reader: what is beside it, or a label, does.
 * @param {IconName} name
 * @param {string} [more] classes
 * @returns {SVGElement}
 */
export function icon(name, more = "") {
  const svg = drawing("0 0 24 24", PATHS[name]);
  svg.setAttribute("class", `icon ${more}`.trim());
  svg.setAttribute("aria-hidden", "true");
  return svg;
}

/**
 * One path on a field.
 * @param {string} field its `viewBox`
 * @param {string} d of the path
 * @returns {SVGElement}
 */
export function drawing(field, d) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", field);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
}
