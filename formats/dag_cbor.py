"""Canonical DAG-CBOR: one encoding per value, and a decoder that accepts no other.

cbor2 does the work. What it lets pass is refused here: the value is walked
once (types, order of keys, depth, CIDs in tag 42) and written again, and any
difference from the input is an error. Writing again is what catches trailing
bytes and every integer or length that is not in its shortest form.

``docs/spec/dag_cbor.md`` says what is valid; floats are not, on purpose.
"""

from collections.abc import Collection, Iterator
from typing import Final, NoReturn, TypeAlias, cast

import cbor2
from cbor2 import CBORDecodeEOF, CBORDecodeError, CBORTag

from formats.cid import Cid
from formats.errors import Malformed

Value: TypeAlias = "bool | int | str | bytes | Cid | list[Value] | dict[str, Value] | None"
"""What DAG-CBOR can say. A Cid is a link; any other ``bytes``, also 36 of them, is bytes."""

MAX_DEPTH: Final = 32
"""Most lists and maps inside one another; a value alone has depth 0."""

MIN_INT: Final = -(2**64)
MAX_INT: Final = 2**64 - 1

_LINK: Final = 42
_PLAIN: Final = frozenset({str, bytes, bool, type(None)})
_LEAVES: Final = _PLAIN | {int}
_TEXT: Final = frozenset({str})


def encode(value: Value) -> bytes:
    """The canonical DAG-CBOR of ``value``.

    Raises TypeError for what is no Value (subclasses of its types included,
    Cid excepted), and ValueError for integers out of range, text with lone
    surrogates and depth over ``MAX_DEPTH``: faults of the caller, all of them.
    """
    return cbor2.dumps(_prepared(value, MAX_DEPTH, {}))


def decode(data: bytes, *, max_depth: int = MAX_DEPTH, max_items: int | None = None) -> Value:
    """The value whose canonical DAG-CBOR is ``data``; raises Malformed if there is none.

    Whatever this returns, ``encode`` turns back into ``data``. ``max_items``: most values,
    keys and tags that it may have, counted before any is made: an empty list is one byte
    of a stranger's, and two microseconds and 56 bytes of ours.
    """
    if max_items is not None and len(data) > max_items:
        _check_items(data, max_items)
    found = _loaded(data, max_depth)
    again = cbor2.dumps(found)
    value = found if type(found) in _LEAVES else _checked(found, max_depth, set())
    if again != data:
        trailing = data.startswith(again)
        raise _refused("bytes after the end" if trailing else "not in shortest form")
    return cast(Value, value)


def links(value: Value) -> Iterator[Cid]:
    """Every Cid in ``value``, in the order in which they are written."""
    if isinstance(value, Cid):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from links(item)
    elif isinstance(value, dict):
        for key in _ordered(value):
            yield from links(value[key])


# --- encoding: a copy with sorted maps and tagged links, which cbor2 writes as it stands


_Orders: TypeAlias = dict[tuple[object, ...], list[str]]


def _prepared(value: object, depth: int, orders: _Orders) -> object:
    """``value`` as cbor2 is to write it; ``orders`` has the sorted keys of maps met before."""
    if type(value) in _PLAIN:
        return value
    if type(value) is int:
        return _ranged(value)
    if type(value) is Cid:
        return CBORTag(_LINK, b"\0" + value)
    if type(value) is not list and type(value) is not dict:
        raise TypeError(f"DAG-CBOR cannot say {type(value).__name__}")
    if depth == 0:
        raise ValueError(f"DAG-CBOR: deeper than {MAX_DEPTH} lists and maps")
    if type(value) is list:
        return _prepared_list(value, depth - 1, orders)
    return _prepared_map(cast("dict[object, object]", value), depth - 1, orders)


def _prepared_list(items: list[object], depth: int, orders: _Orders) -> list[object]:
    return [
        item
        if type(item) in _PLAIN or (type(item) is int and MIN_INT <= item <= MAX_INT)
        else _prepared(item, depth, orders)
        for item in items
    ]


def _prepared_map(entries: dict[object, object], depth: int, orders: _Orders) -> dict[str, object]:
    names = tuple(entries)
    if names not in orders:
        if not _TEXT.issuperset(map(type, names)):
            raise TypeError("DAG-CBOR: the keys of a map are text")
        orders[names] = _ordered(cast("tuple[str, ...]", names))
    return {
        key: item
        if type(item := entries[key]) in _PLAIN
        or (type(item) is int and MIN_INT <= item <= MAX_INT)
        else _prepared(item, depth, orders)
        for key in orders[names]
    }


def _ranged(value: int) -> int:
    if not MIN_INT <= value <= MAX_INT:
        raise ValueError(f"DAG-CBOR: integer of {value.bit_length()} bits, at most 64")
    return value


def _ordered(keys: Collection[str]) -> list[str]:
    """Keys by (length in bytes, bytes). UTF-8 sorts like code points, and both sorts are stable."""
    return sorted(sorted(keys), key=len if "".join(keys).isascii() else _utf8_size)


def _utf8_size(text: str) -> int:
    return len(text.encode())


# --- decoding


def _refused(reason: str) -> Malformed:
    return Malformed(f"DAG-CBOR: {reason}")


def _refuse_tag(value: object, immutable: bool) -> NoReturn:
    raise _TagRefused


class _TagRefused(Exception):
    """Inside cbor2 only: it wraps this, and ``_reason`` finds it again."""


# cbor2 turns these tags into dates, regular expressions, cyclic lists and more unless told not to.
# Tags it does not know arrive as CBORTag, and _checked refuses them.
_NO_TAGS: Final = {tag: _refuse_tag for tag in (*range(1200), 43000, 55799) if tag != _LINK}


def _loaded(data: bytes, max_depth: int) -> object:
    try:
        return cbor2.loads(
            data,
            semantic_decoders=_NO_TAGS,
            max_depth=max_depth + 1,  # of ours it is the walk that counts; a tag counts here too
            allow_indefinite=False,
            allow_duplicate_keys=False,
            strict_hashable_types=True,
        )
    except CBORDecodeError as error:
        raise _refused(_reason(error)) from None


def _check_items(data: bytes, most: int) -> None:
    """Count heads: they follow each other, whatever is inside what. Says nothing of the rest."""
    at, count = 0, 0
    while at < len(data):
        count += 1
        if count > most:
            raise _refused(f"over {most} values")
        major, argument = data[at] >> 5, data[at] & 31
        at += 1
        if argument > 27:
            return  # cbor2 refuses it here, after no more values than were counted
        if argument > 23:
            size = 1 << (argument - 24)
            argument = int.from_bytes(data[at : at + size], "big")
            at += size
        if major in _STRINGS:
            at += argument


_STRINGS: Final = (2, 3)
"""Major types of bytes and text: what follows their head is no value of its own."""

_REASONS: Final = (
    ("Duplicate map key", "a key twice in one map"),
    ("map key must be", "a key that is not text"),
    ("indefinite length", "indefinite length"),
    ("nesting depth", "too deep"),
)


def _reason(error: CBORDecodeError) -> str:
    """Our words for cbor2's, which may quote what is in the input."""
    if isinstance(error, CBORDecodeEOF):
        return "cut short"
    if isinstance(error.__cause__, UnicodeDecodeError):
        return "text that is not UTF-8"
    if isinstance(error.__cause__, _TagRefused):
        return "a tag other than 42"
    text = str(error)
    return next((ours for theirs, ours in _REASONS if theirs in text), "not well-formed CBOR")


def _checked(value: object, depth: int, known: set[tuple[object, ...]]) -> object:
    """``value`` with its links made Cids in place, if all of it is of the data model.

    ``known`` has the tuples of keys already found in order: rows of a table share them.
    """
    if type(value) is not list and type(value) is not dict:
        return _linked(value)
    if depth == 0:
        raise _refused("too deep")
    if type(value) is list:
        _check_list(value, depth - 1, known)
    else:
        _check_map(cast("dict[object, object]", value), depth - 1, known)
    return value


def _check_list(items: list[object], depth: int, known: set[tuple[object, ...]]) -> None:
    if not _LEAVES.issuperset(map(type, items)):
        for at, item in enumerate(items):
            if type(item) is CBORTag:  # a list of links is what there is most of
                items[at] = _linked(item)
            elif type(item) not in _LEAVES:
                items[at] = _checked(item, depth, known)


def _check_map(entries: dict[object, object], depth: int, known: set[tuple[object, ...]]) -> None:
    keys = tuple(entries)
    if keys not in known:
        _check_keys(keys)
        known.add(keys)
    if not _LEAVES.issuperset(map(type, entries.values())):
        for key, item in entries.items():
            if type(item) not in _LEAVES:
                entries[key] = _checked(item, depth, known)


def _check_keys(keys: tuple[object, ...]) -> None:
    if not _TEXT.issuperset(map(type, keys)):
        raise _refused("a key that is not text")
    texts = cast("tuple[str, ...]", keys)
    if list(texts) != _ordered(texts):
        raise _refused("keys out of order")


def _linked(value: object) -> Cid:
    if type(value) is not CBORTag:
        raise _refused("a float" if type(value) is float else "a simple value")
    if value.tag != _LINK:
        raise _refused("a tag other than 42")
    name = value.value
    if type(name) is not bytes or name[:1] != b"\0":
        raise _refused("tag 42 without a CID")
    return Cid(name[1:])
