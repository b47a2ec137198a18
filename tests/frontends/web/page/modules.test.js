import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.navigator ??= { languages: ["en"] };

const page = "../../../../frontends/web/page";
const paths = await import(`${page}/base/paths.js`);
const routes = await import(`${page}/base/routes.js`);
const look = await import(`${page}/base/look.js`);
const { filled } = await import(`${page}/base/text.js`);
const { inOrder } = await import(`${page}/drive/entries.js`);
const { kindOf } = await import(`${page}/drive/kinds.js`);
const { Selection } = await import(`${page}/drive/selection.js`);
const { linesOf } = await import(`${page}/base/sending.js`);
const { argumentsHeader, isAbort, post } = await import(`${page}/base/api.js`);
const { words: en } = await import(`${page}/base/words/en.js`);

const entry = (name, kind = "file", more = {}) => ({
  path: `/a/${name}`,
  name,
  kind,
  size: 0,
  ...more,
});

test("paths are taken apart and put together", () => {
  assert.equal(paths.join("/a/b", "c"), "/a/b/c");
  assert.equal(paths.join("/", "c"), "/c");
  assert.equal(paths.parentOf("/a/b"), "/a");
  assert.equal(paths.parentOf("/a"), "/");
  assert.equal(paths.nameOf("/a/b.txt"), "b.txt");
  assert.equal(paths.isWithin("/a/bc", "/a/b"), false);
  assert.equal(paths.isWithin("/a/b/c", "/a/b"), true);
  assert.equal(paths.ending(".gitignore"), "");
  assert.equal(
    paths.free("a.txt", (each) => ["a.txt", "a (2).txt"].includes(each)),
    "a (3).txt",
  );
});

test("any path comes back from its address", () => {
  for (const path of [
    "/a/b c",
    "/a/50%",
    "/a/#?&=",
    "/a/größe – 1",
    "/a/..",
    "/a/\u202etxt",
    "/a/constructor",
    "/a/__proto__",
  ]) {
    const found = routes.read(routes.folder(path));
    assert.equal(`/${found.rest.join("/")}`, path);
    assert.equal(found.view, "files");
  }
});

test("an address typed by hand is read as well as it can be", () => {
  assert.deepEqual(routes.read("#/files/100%/x").rest, ["100%", "x"]);
  assert.equal(routes.read("").view, "");
  assert.equal(routes.read("#/search?q=a%20b").asked.get("q"), "a b");
});

test("nothing in a name turns or hides what follows", () => {
  assert.equal(look.plainName("photo\u202egpj.exe"), "photo\ufffdgpj.exe");
  assert.equal(look.plainName("a\u0000b\u200bc\nd"), "a\ufffdb\ufffdc\ufffdd");
  assert.equal(look.plainName("größe – 写真"), "größe – 写真");
});

test("sizes are short", () => {
  assert.equal(look.size(0), "0 bytes");
  assert.equal(look.size(1), "1 byte");
  assert.equal(look.size(999), "999 bytes");
  assert.equal(look.size(1000), "1 kB");
  assert.equal(look.size(1_550_000), "1.6 MB");
  assert.equal(look.size(999_999), "1 MB");
});

test("folders come first, numbers in names count, and sorting keeps what is alike by name", () => {
  const all = [entry("b10"), entry("b9"), entry("z", "folder"), entry("a", "mount"), entry("B1")];
  const names = (order) => inOrder(all, order).map((each) => each.name);
  assert.deepEqual(names({ key: "name", down: false }), ["a", "z", "B1", "b9", "b10"]);
  assert.deepEqual(names({ key: "name", down: true }), ["z", "a", "b10", "b9", "B1"]);
  assert.deepEqual(names({ key: "size", down: true }), ["a", "z", "B1", "b9", "b10"]);
});

test("a hundred thousand names are put in order", () => {
  const all = Array.from({ length: 100_000 }, (_, at) => entry(`file ${(at * 7919) % 100_000}`));
  const found = inOrder(all, { key: "name", down: false });
  assert.equal(found[0].name, "file 0");
  assert.equal(found.at(-1).name, "file 99999");
});

test("kinds follow from names, however they are written", () => {
  assert.equal(kindOf(entry("A.JPG")), "image");
  assert.equal(kindOf(entry("README")), "text");
  assert.equal(kindOf(entry("constructor")), "file");
  assert.equal(kindOf(entry("x.__proto__")), "file");
  assert.equal(kindOf(entry("a.zip", "folder")), "folder");
});

test("choosing goes from where it began", () => {
  const selection = new Selection();
  selection.over(["a", "b", "c", "d"].map((each) => entry(each)));
  const names = () => selection.chosen.map((each) => each.name).join("");
  selection.only(1);
  selection.extend(3);
  assert.equal(names(), "bcd");
  selection.extend(0);
  assert.equal(names(), "ab");
  selection.toggle(3);
  assert.equal(names(), "abd");
  selection.over(["d", "x", "a"].map((each) => entry(each)));
  assert.equal(names(), "da");
  selection.none();
  assert.equal(selection.count, 0);
});

test("an upload ended as its last line says", () => {
  assert.deepEqual(linesOf('{"started": {}}\n{"done": {}}\n').at(-1), { done: {} });
  const beside =
    '{"kept": {"path": "/a/x", "beside": "/a/y"}}\n{"error": {"kind": "Conflict", "message": "m"}}\n';
  assert.equal(linesOf(beside)[0].kept.beside, "/a/y");
  assert.throws(() => linesOf('{"error": {"kind": "QuotaExceeded", "message": "full"}}\n'), /full/);
  assert.throws(() => linesOf('{"started": {}}\n'));
  assert.throws(() => linesOf(""));
});

test("arguments in a header are ASCII, and the same", () => {
  const name = "größe – 写真 😀 \ud83d";
  const said = argumentsHeader({ to: name })["Holdfast-Request"];
  assert.match(said, /^[\x20-\x7e]+$/);
  assert.deepEqual(JSON.parse(said), { to: name });
});

test("a text is filled, and chosen by number", () => {
  const rules = new Intl.PluralRules("en");
  assert.equal(filled("{a} and {b}", { a: 1, b: "x" }, rules), "1 and x");
  assert.equal(
    filled({ one: "{count} file", other: "{count} files" }, { count: 1 }, rules),
    "1 file",
  );
  assert.equal(
    filled({ one: "{count} file", other: "{count} files" }, { count: 0 }, rules),
    "0 files",
  );
});

const gaps = (text) =>
  (typeof text === "string" ? [text] : Object.values(text)).map((each) =>
    [...each.matchAll(/\{(\w+)\}/g)]
      .map(([, name]) => name)
      .sort()
      .join(" "),
  );

for (const language of ["de"]) {
  test(`every text is there in ${language}, with the same gaps`, async () => {
    const { words } = await import(`${page}/base/words/${language}.js`);
    assert.deepEqual(Object.keys(words).sort(), Object.keys(en).sort());
    for (const [name, text] of Object.entries(en)) {
      assert.equal(typeof words[name], typeof text, name);
      assert.deepEqual(new Set(gaps(words[name])), new Set(gaps(text)), name);
    }
  });
}

test("a stop in the middle of an answer is a stop, whatever the browser says of it", async () => {
  globalThis.localStorage ??= { getItem: () => "key" };
  const stop = new AbortController();
  const body = (error) =>
    new ReadableStream({
      pull(to) {
        stop.abort();
        to.error(error);
      },
    });
  const real = globalThis.fetch;
  try {
    globalThis.fetch = async () => new Response(body(new TypeError("Error in input stream")));
    const asked = () => post("ls", {}, { signal: stop.signal });
    await assert.rejects(asked, isAbort);
    await assert.rejects(() => post("ls"), { kind: "Stopped" });
  } finally {
    globalThis.fetch = real;
  }
});
