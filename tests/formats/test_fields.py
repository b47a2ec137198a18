"""Reading records strictly."""

from collections.abc import Callable

import pytest

from formats.cid import Cid
from formats.dag_cbor import Value
from formats.errors import Malformed, UnknownVersion
from formats.fields import MAX_UINT, Fields, entries

CID = Cid.of_raw(b"")
Read = Callable[[Fields], object]

GOOD: list[tuple[Value, Read]] = [
    (0, lambda f: f.uint("x")),
    (MAX_UINT, lambda f: f.uint("x")),
    (9, lambda f: f.uint("x", 9)),
    (-5, lambda f: f.integer("x", -5, 5)),
    (5, lambda f: f.integer("x", -5, 5)),
    (b"ab", lambda f: f.bytes_("x")),
    (b"ab", lambda f: f.bytes_("x", 2)),
    (b"ab", lambda f: f.bytes_("x", minimum=2, maximum=2)),
    (b"", lambda f: f.bytes_("x", 0)),
    ("üb", lambda f: f.text("x", 3)),
    (True, lambda f: f.flag("x")),
    (False, lambda f: f.flag("x")),
    (CID, lambda f: f.cid("x")),
    ([1, 2], lambda f: f.list_("x", 2)),
    ([b"ab", b"cd"], lambda f: list(f.bytes_list("x", 2, 2))),
    ([], lambda f: list(f.bytes_list("x", 2, 2))),
    ({"a": 1}, lambda f: f.map_("x")),
]

BAD: list[tuple[Value, Read, str]] = [
    (-1, lambda f: f.uint("x"), "out of range 0 to 9007199254740992"),
    (MAX_UINT + 1, lambda f: f.uint("x"), "out of range"),
    (10, lambda f: f.uint("x", 9), "out of range 0 to 9"),
    (6, lambda f: f.integer("x", -5, 5), "out of range -5 to 5"),
    (True, lambda f: f.uint("x"), "not an integer"),
    ("1", lambda f: f.uint("x"), "not an integer"),
    (None, lambda f: f.uint("x"), "not an integer"),
    (bytes(33), lambda f: f.bytes_("x", 32), "33 bytes, expected 32"),
    (b"a", lambda f: f.bytes_("x", minimum=2), "1 bytes, at least 2"),
    (b"abc", lambda f: f.bytes_("x", maximum=2), "3 bytes, at most 2"),
    ("ab", lambda f: f.bytes_("x"), "not bytes"),
    (CID, lambda f: f.bytes_("x", 36), "not bytes"),
    ("üb", lambda f: f.text("x", 2), "3 bytes of text, at most 2"),
    (b"ab", lambda f: f.text("x", 2), "not text"),
    (1, lambda f: f.flag("x"), "not true or false"),
    (bytes(CID), lambda f: f.cid("x"), "not a link"),
    ([1, 2, 3], lambda f: f.list_("x", 2), "3 items, at most 2"),
    ({}, lambda f: f.list_("x", 2), "not a list"),
    ([b"ab"] * 3, lambda f: f.bytes_list("x", 2, 2), "3 items, at most 2"),
    ([b"ab", b"abc"], lambda f: f.bytes_list("x", 2, 2), "lists something that is not 2 bytes"),
    ([b"ab", b"a"], lambda f: f.bytes_list("x", 2, 2), "lists something that is not 2 bytes"),
    ([b"ab", "ab"], lambda f: f.bytes_list("x", 2, 2), "lists something that is not 2 bytes"),
    ([CID], lambda f: f.bytes_list("x", 2, 36), "lists something that is not 36 bytes"),
    (b"ab", lambda f: f.bytes_list("x", 2, 1), "not a list"),
    ([], lambda f: f.map_("x"), "not a map"),
]


@pytest.mark.parametrize(("value", "read"), GOOD)
def test_a_field_is_read_once(value: Value, read: Read) -> None:
    fields = Fields({"x": value}, "thing")
    assert read(fields) == value
    fields.done()
    with pytest.raises(Malformed, match="thing: field 'x' missing"):
        read(fields)


@pytest.mark.parametrize(("value", "read", "problem"), BAD)
def test_a_wrong_field_is_named(value: Value, read: Read, problem: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(Fields({"x": value}, "thing"))
    assert str(caught.value).startswith(f"thing: field 'x' {problem}")


def _list(found: tuple[bytes, ...] | None) -> list[bytes] | None:
    return None if found is None else list(found)


OPTIONAL: list[tuple[Value, Read]] = [
    (1, lambda f: f.optional_uint("x", 1)),
    (-1, lambda f: f.optional_integer("x", -1, 1)),
    (b"a", lambda f: f.optional_bytes("x", 1)),
    ("a", lambda f: f.optional_text("x", 1)),
    (False, lambda f: f.optional_flag("x")),
    (CID, lambda f: f.optional_cid("x")),
    ([], lambda f: f.optional_list("x", 0)),
    ([b"a"], lambda f: _list(f.optional_bytes_list("x", 1, 1))),
    ({}, lambda f: f.optional_map("x")),
]


@pytest.mark.parametrize(("value", "read"), OPTIONAL)
def test_absent_is_absent_and_null_is_not(value: Value, read: Read) -> None:
    assert read(Fields({"x": value}, "thing")) == value
    assert read(Fields({"y": value}, "thing")) is None
    with pytest.raises(Malformed):
        read(Fields({"x": None}, "thing"))


@pytest.mark.parametrize("value", [None, [], 1, "a", b"a", CID])
def test_only_a_map_has_fields(value: Value) -> None:
    with pytest.raises(Malformed, match="thing: not a map"):
        Fields(value, "thing")


def test_versions() -> None:
    assert Fields({"v": 1}, "thing").version() == 1
    assert Fields({"v": 2}, "thing").version(known=(1, 2)) == 2
    with pytest.raises(UnknownVersion, match="thing: version 3, known: 1, 2"):
        Fields({"v": 3}, "thing").version(known=(1, 2))
    with pytest.raises(Malformed, match="field 'v' missing"):
        Fields({}, "thing").version()


def test_unknown_fields_are_refused_or_kept() -> None:
    record: dict[str, Value] = {"x": 1, "new": [2], "also": 3}
    fields = Fields(record, "thing")
    fields.uint("x")
    with pytest.raises(Malformed, match=r"thing: 2 unknown field\(s\), the first is 'also'"):
        fields.done()
    assert fields.rest() == {"new": [2], "also": 3}
    fields.done()
    assert record == {"x": 1, "new": [2], "also": 3}


def test_an_unknown_name_is_cut_and_escaped() -> None:
    with pytest.raises(Malformed) as caught:
        Fields({"\n" + "ü" * 1000: 1}, "thing").done()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 100


def test_entries_names_the_place() -> None:
    first, second = entries([{"a": 1}, {}], "member")
    assert first.uint("a") == 1
    with pytest.raises(Malformed, match="member 1: field 'a' missing"):
        second.uint("a")
    with pytest.raises(Malformed, match="member 0: not a map"):
        entries([1], "member")
