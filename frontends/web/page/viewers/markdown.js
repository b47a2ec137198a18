// @ts-check
/**
 * Markdown, read into a tree: what people write in notes and READMEs. It makes no markup.
 *
 * Headings, paragraphs, lists (of tasks, too), quotes, code, rules, tables; emphasis, code,
 * links, images, strikethrough, line breaks. HTML in it is text. A document that is hostile
 * costs time in proportion to its length: nothing is looked for twice.
 */

/**
 * @typedef {{kind: "text", text: string}
 *   | {kind: "em" | "strong" | "del", inside: Inline[]}
 *   | {kind: "code", text: string}
 *   | {kind: "link", to: string, inside: Inline[]}
 *   | {kind: "image", to: string, alt: string}
 *   | {kind: "break"}} Inline
 */
/**
 * @typedef {{kind: "heading", level: number, inside: Inline[]}
 *   | {kind: "paragraph", inside: Inline[]}
 *   | {kind: "code", language: string, text: string}
 *   | {kind: "quote", blocks: Block[]}
 *   | {kind: "list", start: number | null, items: {done: boolean | null, blocks: Block[]}[]}
 *   | {kind: "table", head: Inline[][], rows: Inline[][][]}
 *   | {kind: "rule"}} Block
 */

const DEPTH = 12;
/** Quotes and lists in each other; deeper ones are text. */

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/;
const HEADING = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(\s+|$)/;
const QUOTE = /^ {0,3}> ?/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const TASK = /^\[([ xX])\]\s+/;

/**
 * @param {string} text
 * @returns {Block[]}
 */
export function read(text) {
  return blocks(text.replace(/\r\n?/g, "\n").split("\n"), 0);
}

/**
 * @param {string[]} lines
 * @param {number} depth
 * @returns {Block[]}
 */
function blocks(lines, depth) {
  /** @type {Block[]} */
  const found = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (!line.trim()) at += 1;
    else at = take(lines, at, depth, found);
  }
  return found;
}

/**
 * One block that begins at a line; returns where the next may begin.
 * @param {string[]} lines
 * @param {number} at
 * @param {number} depth
 * @param {Block[]} found
 */
function take(lines, at, depth, found) {
  const line = lines[at];
  const fence = FENCE.exec(line);
  if (fence) return code(lines, at, fence, found);
  const heading = HEADING.exec(line);
  if (heading) {
    found.push({
      kind: "heading",
      level: heading[1].length,
      inside: inline(heading[2] ?? ""),
    });
    return at + 1;
  }
  if (RULE.test(line)) {
    found.push({ kind: "rule" });
    return at + 1;
  }
  if (depth < DEPTH && QUOTE.test(line)) return quote(lines, at, depth, found);
  if (depth < DEPTH && ITEM.test(line)) return items(lines, at, depth, found);
  if (line.includes("|") && DIVIDER.test(lines[at + 1] ?? "")) return table(lines, at, found);
  return paragraph(lines, at, depth, found);
}

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {RegExpExecArray} fence
 * @param {Block[]} found
 */
function code(lines, at, fence, found) {
  const inside = [];
  let end = at + 1;
  while (end < lines.length && !lines[end].trim().startsWith(fence[1])) inside.push(lines[end++]);
  found.push({ kind: "code", language: fence[2], text: inside.join("\n") });
  return end + 1;
}

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {number} depth
 * @param {Block[]} found
 */
function quote(lines, at, depth, found) {
  const inside = [];
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end])) inside.push(lines[end++].replace(QUOTE, ""));
  found.push({ kind: "quote", blocks: blocks(inside, depth + 1) });
  return end;
}

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {number} depth
 * @param {Block[]} found
 */
function items(lines, at, depth, found) {
  const first = /** @type {RegExpExecArray} */ (ITEM.exec(lines[at]));
  const numbered = /\d/.test(first[2]);
  /** @type {Extract<Block, {kind: "list"}>} */
  const list = {
    kind: "list",
    start: numbered ? parseInt(first[2], 10) : null,
    items: [],
  };
  let end = at;
  while (end < lines.length) {
    const mark = ITEM.exec(lines[end]);
    if (!mark || /\d/.test(mark[2]) !== numbered || RULE.test(lines[end])) break;
    const width = mark[0].length;
    const inside = [lines[end++].slice(width)];
    while (end < lines.length && belongs(lines, end, width))
      inside.push(lines[end++].slice(Math.min(width, indent(lines[end - 1]))));
    const task = TASK.exec(inside[0]);
    if (task) inside[0] = inside[0].slice(task[0].length);
    list.items.push({
      done: task ? task[1] !== " " : null,
      blocks: blocks(inside, depth + 1),
    });
  }
  found.push(list);
  return end;
}

/**
 * Whether a line goes on with an item of a list whose text begins at `width`.
 * @param {string[]} lines
 * @param {number} at
 * @param {number} width
 */
function belongs(lines, at, width) {
  const line = lines[at];
  if (line.trim())
    return (
      indent(line) >= Math.min(width, 2) ||
      (!ITEM.test(line) && lines[at - 1].trim() !== "" && !starts(line))
    );
  const next = lines[at + 1] ?? "";
  return next.trim() !== "" && (indent(next) >= Math.min(width, 2) || ITEM.test(next));
}

/** @param {string} line */
function indent(line) {
  return line.length - line.trimStart().length;
}

/** Whether a line begins something else than text. @param {string} line */
function starts(line) {
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line);
}

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {Block[]} found
 */
function table(lines, at, found) {
  const head = cells(lines[at]);
  const rows = [];
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|"))
    rows.push(cells(lines[end++]).slice(0, head.length));
  found.push({ kind: "table", head, rows });
  return end;
}

/** @param {string} line */
function cells(line) {
  return line
    .trim()
    .replace(/^\|/, "")
    .replace(/\|$/, "")
    .split(/(?<!\\)\|/)
    .map((each) => inline(each.trim().replaceAll("\\|", "|")));
}

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {number} depth
 * @param {Block[]} found
 */
function paragraph(lines, at, depth, found) {
  const inside = [lines[at]];
  let end = at + 1;
  while (
    end < lines.length &&
    lines[end].trim() &&
    !starts(lines[end]) &&
    !(depth < DEPTH && ITEM.test(lines[end]))
  )
    inside.push(lines[end++]);
  found.push({
    kind: "paragraph",
    inside: inline(inside.map((each) => each.trimStart()).join("\n")),
  });
  return end;
}

/** What may begin in a line, the longest first. Each is looked for where one stands, never ahead. */
const TOKEN = new RegExp(
  [
    /\\([!-/:-@[-`{-~])/, // 1: a sign that means itself
    /(`+)([^`][^\n]{0,4000}?)\2(?!`)/, // 2, 3: code
    /!\[([^\]\n]{0,400})\]\(([^()\s]{1,2000})(?:\s+"[^"\n]{0,400}")?\)/, // 4, 5: an image
    /\[([^\]\n]{1,400})\]\(([^()\s]{1,2000})(?:\s+"[^"\n]{0,400}")?\)/, // 6, 7: a link
    /<(https?:\/\/[^\s<>]{1,2000}|[^\s<>@]{1,64}@[^\s<>@]{1,255})>/, // 8: an address
    /(https?:\/\/[^\s<>()]{1,2000}[^\s<>().,;:!?'"])/, // 9: the same, bare
    /\*\*(\S[^\n]{0,2000}?)\*\*/, // 10
    /__(\S[^\n]{0,2000}?)__(?!\w)/, // 11
    /\*(\S[^*\n]{0,2000}?)\*/, // 12
    /\b_(\S[^_\n]{0,2000}?)_(?!\w)/, // 13
    /~~(\S[^~\n]{0,2000}?)~~/, // 14
    /( {2,}\n|\\\n)/, // 15: a break
  ]
    .map((each) => each.source)
    .join("|"),
  "g",
);

/**
 * @param {string} text
 * @param {number} [depth]
 * @returns {Inline[]}
 */
export function inline(text, depth = 0) {
  /** @type {Inline[]} */
  const found = [];
  let from = 0;
  const plain = (/** @type {string} */ piece) => piece && found.push({ kind: "text", text: piece });
  if (depth > 4) {
    plain(text);
    return found;
  }
  for (const each of text.matchAll(TOKEN)) {
    plain(text.slice(from, each.index));
    found.push(token(each, depth));
    from = each.index + each[0].length;
  }
  plain(text.slice(from));
  return found;
}

/**
 * @param {RegExpMatchArray} each
 * @param {number} depth
 * @returns {Inline}
 */
function token(each, depth) {
  const inside = (/** @type {string} */ text) => inline(text, depth + 1);
  if (each[1] !== undefined) return { kind: "text", text: each[1] };
  if (each[2] !== undefined) return { kind: "code", text: each[3].trim() };
  if (each[5] !== undefined) return { kind: "image", alt: each[4], to: each[5] };
  if (each[7] !== undefined) return { kind: "link", to: each[7], inside: inside(each[6]) };
  const address = each[8] ?? each[9];
  if (address !== undefined)
    return {
      kind: "link",
      to: /^https?:/.test(address) ? address : `mailto:${address}`,
      inside: [{ kind: "text", text: address }],
    };
  const strong = each[10] ?? each[11];
  if (strong !== undefined) return { kind: "strong", inside: inside(strong) };
  const em = each[12] ?? each[13];
  if (em !== undefined) return { kind: "em", inside: inside(em) };
  if (each[14] !== undefined) return { kind: "del", inside: inside(each[14]) };
  return { kind: "break" };
}
