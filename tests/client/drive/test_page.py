"""Pages: sizes, splitting, and entries that a hostile member wrote."""

import dataclasses
from random import Random

import pytest

from client.drive.entry import MAX_DEPTH, Entry, Kind, Quarantined
from client.drive.header import FolderHeader
from client.drive.page import CLASSES, MAX_CONTENT, Page, open_page, seal_page
from client.drive.places import Names
from client.drive.ring import RING_OVERHEAD, new_file_id
from crypto.secret import Secret
from formats.dag_cbor import Value, decode, encode
from formats.errors import Damaged, Malformed, TooMany, UnknownVersion
from tests.client.drive.trees import entry

HEADER = FolderHeader.new(new_file_id(), 0)
NAMES = Names(HEADER.names)
LINK = Entry("link", Kind.LINK, -5, target="../elsewhere")
FILE = Entry("a.txt", Kind.FILE, 2**60, Secret(b"s" * 32), b"i" * 16, 17, True, type="text/plain")
MOUNT = Entry(
    "m", Kind.MOUNT, 0, Secret(b"s" * 32), b"i" * 16, owner=b"o" * 32, space=b"s" * 32, created=3
)


def page_of(*values: Value) -> Page:
    return Page.decode(encode({"v": 1, "entries": [*values]}), NAMES)


@pytest.mark.parametrize("wanted", [LINK, FILE, MOUNT])
def test_entries_come_back(wanted: Entry) -> None:
    page = Page()
    page.put(wanted)
    body = seal_page(HEADER, b"", page.encode())
    assert open_page(HEADER, NAMES, b"", body).get(wanted.name) == wanted


def test_pages_have_four_sizes() -> None:
    sizes = set()
    page = Page()
    while len(page.encode()) <= MAX_CONTENT:
        sizes.add(len(seal_page(HEADER, b"", page.encode())) - RING_OVERHEAD)
        page.put(entry(f"name {len(page.values)}"))
    assert sizes == set(CLASSES)
    with pytest.raises(StopIteration):
        seal_page(HEADER, b"", page.encode())


def test_a_page_opens_in_its_place_only() -> None:
    other = dataclasses.replace(HEADER, ring=FolderHeader.new(HEADER.id, 0).ring)
    body = seal_page(HEADER, b"\1", Page(b"\1").encode())
    for header, prefix in ((HEADER, b""), (HEADER, b"\2"), (HEADER, b"\1\1"), (other, b"\1")):
        with pytest.raises(Damaged):
            open_page(header, NAMES, prefix, body)


def test_a_split_page_becomes_sixteen() -> None:
    page = Page(b"\3")
    names = [name for name in map(str, range(3000)) if NAMES.place(name)[0] == 3]
    for name in names:
        page.put(entry(name))
    pages = page.split(NAMES)
    assert page.is_stub
    assert page.values == {}
    assert sorted(name for child in pages for name in child.values) == sorted(names)
    for nibble, child in enumerate(pages):
        assert child.prefix == bytes((3, nibble))
        assert all(NAMES.place(name).startswith(child.prefix) for name in child.values)


def test_splitting_ends() -> None:
    with pytest.raises(TooMany):
        Page(bytes(MAX_DEPTH)).split(NAMES)
    with pytest.raises(Malformed):
        Page.decode(encode({"v": 1, "stub": True}), NAMES, bytes(MAX_DEPTH))


GOOD = FILE.value
BAD: list[Value] = [
    None,
    7,
    "text",
    [],
    {},
    {**GOOD, "name": ".."},
    {**GOOD, "name": "a/b"},
    {**GOOD, "name": "a\0"},
    {**GOOD, "name": "e\u0301"},
    {**GOOD, "name": "x" * 256},
    {**GOOD, "name": b"bytes"},
    {**GOOD, "name": "k", "kind": "pipe"},
    {**GOOD, "name": "k", "secret": bytes(31)},
    {**GOOD, "name": "k", "size": -1},
    {**GOOD, "name": "k", "modified": "now"},
    {**GOOD, "name": "k", "depth": MAX_DEPTH + 1},
    {"name": "k", "kind": "link", "modified": 0},
    {"name": "k", "kind": "link", "modified": 0, "target": ""},
    {"name": "k", "kind": "link", "modified": 0, "target": "a\0b"},
    {"name": "k", "kind": "link", "modified": 0, "target": "x" * 4097},
    {**MOUNT.value, "owner": bytes(31)},
    GOOD,
]


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_entry_is_quarantined_kept_and_can_be_removed(bad: Value) -> None:
    page = page_of(GOOD, bad, LINK.value)
    shown = [*page.all()]
    assert FILE in shown
    assert LINK in shown
    (placeholder,) = [each for each in shown if isinstance(each, Quarantined)]
    assert isinstance(page.get(placeholder.name), Quarantined)
    again = Page.decode(page.encode(), NAMES)
    assert [each.name for each in again.all()].count(placeholder.name) == 1
    again.remove(placeholder.name)
    assert {each.name for each in again.all()} == {"a.txt", "link"}


def test_an_entry_in_the_wrong_page_is_quarantined() -> None:
    place = NAMES.place("a.txt")
    prefix = bytes(((place[0] + 1) % 16,))
    page = Page.decode(encode({"v": 1, "entries": [GOOD]}), NAMES, prefix)
    assert page.get("a.txt") is None
    assert [type(each) for each in page.all()] == [Quarantined]
    assert Page.decode(encode({"v": 1, "entries": [GOOD]}), NAMES, place[:1]).get("a.txt") == FILE


@pytest.mark.parametrize(
    "value", [[], {}, {"v": 1}, {"v": 1, "entries": {}}, {"v": 1, "entries": [], "more": 0}]
)
def test_what_is_no_page(value: Value) -> None:
    with pytest.raises(Malformed):
        Page.decode(encode(value), NAMES)


def test_a_page_of_a_newer_version() -> None:
    with pytest.raises(UnknownVersion):
        Page.decode(encode({"v": 2, "entries": []}), NAMES)


def test_what_a_newer_program_added_to_an_entry_survives() -> None:
    page = page_of({**GOOD, "later": 1})
    page.put(entry("b"))
    assert {**GOOD, "later": 1} in decode(page.encode())["entries"]  # type: ignore[index,call-overload,operator]
    found = page.get("a.txt")
    assert isinstance(found, Entry)
    assert found.extra == {"later": 1}


def test_places_are_spread(rng: Random) -> None:
    first = [NAMES.place(str(rng.random()))[0] for _ in range(1600)]
    assert all(50 < first.count(nibble) < 160 for nibble in range(16))
