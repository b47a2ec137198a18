import assert from "node:assert/strict";
import { test } from "node:test";

import { inline, read } from "../../../../frontends/web/page/viewers/markdown.js";

/** A tree as short text, to compare. */
function short(node) {
  if (Array.isArray(node)) return node.map(short).join("");
  if (node.kind === "text") return node.text;
  if (node.kind === "code" && !("language" in node)) return `\`${node.text}\``;
  return `<${node.kind}${node.to ? ` ${node.to}` : ""}>${short(node.inside ?? [])}`;
}

for (const [text, wanted] of [
  ["plain", "plain"],
  ["**bold** and *soft*", "<strong>bold and <em>soft"],
  ["`a*b*c`", "`a*b*c`"],
  ["a_b_c", "a_b_c"],
  ["_em_", "<em>em"],
  ["~~gone~~", "<del>gone"],
  ["\\*no\\*", "*no*"],
  ["[to](https://x.example/a_b)", "<link https://x.example/a_b>to"],
  ["see https://x.example/a, then", "see <link https://x.example/a>https://x.example/a, then"],
  ["<me@x.example>", "<link mailto:me@x.example>me@x.example"],
  ["<script>alert(1)</script>", "<script>alert(1)</script>"],
  ["a  \nb", "a<break>b"],
]) {
  test(`inline: ${JSON.stringify(text)}`, () => assert.equal(short(inline(text)), wanted));
}

test("headings have their level", () => {
  assert.deepEqual(
    read("## Two ##").map((each) => [each.kind, each.level]),
    [["heading", 2]],
  );
});

test("lists are in each other, and tasks are done or not", () => {
  const [list] = read("- [x] one\n- two\n  1. inner\n  2. second");
  assert.deepEqual(
    list.items.map((each) => each.done),
    [true, null],
  );
  assert.equal(list.items[1].blocks[1].kind, "list");
  assert.equal(list.items[1].blocks[1].items.length, 2);
});

test("code is taken as it is, to its end or that of the text", () => {
  assert.deepEqual(
    read("```js\n# a\n```\nb").map((each) => each.kind),
    ["code", "paragraph"],
  );
  assert.equal(read("```\nopen")[0].text, "open");
});

test("a table has a head and rows of no more cells", () => {
  const [table] = read("| a | b |\n|---|---|\n| 1 | 2 | 3 |");
  assert.equal(table.head.length, 2);
  assert.equal(table.rows[0].length, 2);
});

test("quotes in quotes in quotes end", () => {
  assert.equal(read(">".repeat(100_000) + " deep").length, 1);
});

for (const [name, text] of Object.entries({
  stars: "*".repeat(200_000),
  brackets: "[".repeat(200_000),
  ticks: "`".repeat(100_001),
  pairs: "**a ".repeat(50_000),
  images: "![](".repeat(50_000),
  bars: `${"|".repeat(50_000)}\n|-|\n`,
  angles: "<".repeat(200_000),
  dashes: `${"- ".repeat(2_000)}x\n`.repeat(50),
})) {
  test(`a hostile text is read: ${name}`, { timeout: 60_000 }, () =>
    assert.ok(read(text).length > 0),
  );
}
