"""The codec: every message there and back, and nothing else accepted."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats import dag_cbor
from formats.cid import MAX_BLOCK, Block, Cid
from formats.errors import BadBlock, Malformed
from protocols import blocks as b
from protocols.accounts import AskHello, Hello, SignUp
from protocols.pointers import Conflict, Resolved
from protocols.shapes import AtMost, Below, Blocks, Count, Exactly, Id, Uint
from protocols.wire import Shape, from_wire, shape_of, to_wire
from tests.protocols.making import MESSAGES, messages, plain

BLOCK: Final = Block.raw(b"some bytes")
WRONG: Final[list[Any]] = [None, True, 7, -1, "text", b"bytes", [], {}, [1], {"a": 1}, BLOCK.cid]


@dataclass(frozen=True, slots=True)
class Inner:
    a: Uint
    b: Id | None


@dataclass(frozen=True, slots=True)
class Every:
    """One field of each shape."""

    exact: Annotated[bytes, Exactly(4)]
    most: Annotated[bytes, AtMost(4)]
    text: Annotated[str, AtMost(4)]
    number: Annotated[int, Below(4)]
    flag: bool
    cid: Cid
    inner: Inner
    many: Annotated[tuple[Inner, ...], Count(2)]
    numbers: Annotated[tuple[Annotated[int, Below(4)], ...], Count(2)]
    maybe: Annotated[str, AtMost(4)] | None
    blocks: Annotated[tuple[Block, ...], Count(2)]


FULL: Final = Every(
    exact=b"1234",
    most=b"1234",
    text="äö",
    number=4,
    flag=True,
    cid=BLOCK.cid,
    inner=Inner(0, None),
    many=(Inner(1, bytes(32)), Inner(2, None)),
    numbers=(0, 4),
    maybe="",
    blocks=(BLOCK, BLOCK),
)


def test_a_message_with_everything_at_its_limits_is_written_as_specified() -> None:
    head, bodies = to_wire(FULL)
    assert head == {
        "exact": b"1234",
        "most": b"1234",
        "text": "äö",
        "number": 4,
        "flag": True,
        "cid": BLOCK.cid,
        "inner": {"a": 0},
        "many": [{"a": 1, "b": bytes(32)}, {"a": 2}],
        "numbers": [0, 4],
        "maybe": "",
        "blocks": [BLOCK.cid, BLOCK.cid],
    }
    assert bodies == (b"some bytes", b"some bytes")
    assert from_wire(Every, dag_cbor.decode(dag_cbor.encode(head)), bodies) == FULL


@given(st.sampled_from(MESSAGES).flatmap(messages))
def test_every_message_comes_back_as_it_was(message: object) -> None:
    head, bodies = to_wire(message)
    again = from_wire(type(message), dag_cbor.decode(dag_cbor.encode(head)), bodies)
    assert again == message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"exact": b"123"}, "3 bytes, expected 4"),
        ({"exact": b"12345"}, "5 bytes, expected 4"),
        ({"most": b"12345"}, "5 bytes, at most 4"),
        ({"text": "12345"}, "5 bytes of text"),
        ({"text": "äöü"}, "6 bytes of text"),
        ({"text": "\ud800"}, "UTF-8"),
        ({"number": 5}, "range"),
        ({"number": -1}, "range"),
        ({"number": True}, "not an integer"),
        ({"flag": 1}, "not true or false"),
        ({"cid": bytes(BLOCK.cid)}, "not a CID"),
        ({"most": BLOCK.cid}, "not bytes"),
        ({"exact": bytearray(4)}, "not bytes"),
        ({"numbers": (0, 5)}, "range"),
        ({"numbers": (0, 1, 2)}, "3 elements, at most 2"),
        ({"numbers": [0]}, "not a tuple"),
        ({"inner": Inner(2**53 + 1, None)}, "Inner.a: out of range"),
        ({"inner": None}, "not a Inner"),
        ({"many": (FULL,)}, "not a Inner"),
        ({"maybe": "12345"}, "5 bytes of text"),
        ({"blocks": (BLOCK,) * 3}, "3 blocks, at most 2"),
        ({"blocks": (b"some bytes",)}, "not a tuple of blocks"),
        ({"blocks": [BLOCK]}, "not a tuple of blocks"),
    ],
)
def test_what_breaks_its_own_limits_is_found_before_it_leaves(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(Malformed, match=words):
        to_wire(replace(FULL, **change))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"exact": b"123"}, "3 bytes, expected 4"),
        ({"most": b"12345"}, "5 bytes, at most 4"),
        ({"text": "12345"}, "5 bytes of text"),
        ({"number": 5}, "range"),
        ({"number": True}, "not an integer"),
        ({"number": 2**60}, "range"),
        ({"flag": 0}, "not true or false"),
        ({"cid": bytes(BLOCK.cid)}, "not a CID"),
        ({"most": BLOCK.cid}, "not bytes"),
        ({"numbers": [5]}, "range"),
        ({"numbers": [0, 1, 2]}, "3 elements, at most 2"),
        ({"inner": {"a": 1, "c": 2}}, "unknown field 'c'"),
        ({"inner": {}}, "Inner.a: missing"),
        ({"inner": {"a": 1, "b": None}}, "Inner.b: not bytes"),
        ({"many": [{"a": 1}] * 3}, "3 elements"),
        ({"many": {"a": 1}}, "not a list"),
        ({"blocks": [BLOCK.cid] * 3}, "3 blocks, at most 2"),
        ({"blocks": [BLOCK.cid]}, "2 bodies for 1 blocks"),
        ({"blocks": [BLOCK.cid, b"1"]}, "not a list of CIDs"),
        ({"blocks": None}, "not a list of CIDs"),
        ({"extra": 1}, "unknown field 'extra'"),
        ({"maybe": None}, "not text"),
    ],
)
def test_what_breaks_the_limits_is_refused_on_arrival(change: dict[str, Any], words: str) -> None:
    head, bodies = to_wire(FULL)
    assert isinstance(head, dict)
    with pytest.raises(Malformed, match=words):
        from_wire(Every, head | change, bodies)


@pytest.mark.parametrize("cls", MESSAGES)
@settings(max_examples=15)
@given(data=st.data())
def test_in_every_message_every_field_is_needed_typed_and_known(
    cls: type, data: st.DataObject
) -> None:
    message = data.draw(messages(cls))
    head, bodies = to_wire(message)
    assert isinstance(head, dict)
    shape: Shape[object] = shape_of(cls)
    optional = {field.name for field in shape.fields if field.optional}
    with pytest.raises(Malformed):
        from_wire(cls, head | {"zz": 1}, bodies)
    for name in shape.keys - optional:
        with pytest.raises(Malformed):
            from_wire(cls, {key: value for key, value in head.items() if key != name}, bodies)
    for name in shape.keys:
        for value in WRONG:
            _wrong_value_is_refused_or_kept(cls, head | {name: value}, bodies)


def _wrong_value_is_refused_or_kept(cls: type, head: Any, bodies: tuple[bytes, ...]) -> None:
    """Either it is no message, or it is one that is written as it was read."""
    try:
        message: object = from_wire(cls, head, bodies)
    except (Malformed, BadBlock):
        return
    assert to_wire(message) == (head, bodies)


@pytest.mark.parametrize("value", [value for value in WRONG if type(value) is not dict])
def test_a_head_is_a_map(value: Any) -> None:
    with pytest.raises(Malformed, match="not a map"):
        from_wire(AskHello, value, ())


def test_blocks_are_hashed_on_arrival() -> None:
    head, _ = to_wire(b.Stage(bytes(16), (BLOCK,)))
    with pytest.raises(BadBlock):
        from_wire(b.Stage, head, (b"other bytes",))


def test_a_head_is_judged_before_its_bodies_are_there() -> None:
    shape = shape_of(b.Stage)
    head, bodies = to_wire(b.Stage(bytes(16), (BLOCK,)))
    parsed = shape.parse(head, [len(bodies[0])])
    assert parsed.cids == (BLOCK.cid,)
    assert parsed.complete(bodies) == b.Stage(bytes(16), (BLOCK,))
    with pytest.raises(Malformed, match="0 bodies for 1 blocks"):
        parsed.complete(())
    assert shape.parse(head, [MAX_BLOCK]).cids == (BLOCK.cid,)
    with pytest.raises(Malformed, match="at most"):
        shape.parse(head, [MAX_BLOCK + 1])
    with pytest.raises(Malformed, match="2 bodies for 1 blocks"):
        shape.parse(head, [10, 10])


def test_bodies_where_no_blocks_stand_are_refused() -> None:
    head, _ = to_wire(AskHello("1"))
    with pytest.raises(Malformed, match="1 bodies for 0 blocks"):
        from_wire(AskHello, head, (b"",))


def test_a_shape_is_made_once() -> None:
    assert shape_of(Hello) is shape_of(Hello)


def test_messages_inside_messages() -> None:
    message = Conflict((plain(Resolved, pointer=b"p"), plain(Resolved, spine=(b"1", b"2"))))
    head, bodies = to_wire(message)
    one = {"pointer": b"p", "record": b"", "spine": [], "between": []}
    other = {"pointer": b"", "record": b"", "spine": [b"1", b"2"], "between": []}
    assert (head, bodies) == ({"current": [one, other]}, ())
    assert from_wire(Conflict, head, bodies) == message


def test_an_invite_that_is_absent_is_absent() -> None:
    message = plain(SignUp)
    head, _ = to_wire(message)
    assert isinstance(head, dict)
    assert "invite" not in head
    assert from_wire(SignUp, head, ()) == message


@dataclass
class _TwoBlocks:
    a: Blocks
    b: Blocks


@dataclass
class _Nested:
    a: b.Stage


@dataclass
class _NoLimit:
    a: bytes


@dataclass
class _Either:
    a: Id | Uint


@dataclass
class _TooManyBlocks:
    a: Annotated[tuple[Block, ...], Count(4097)]


@pytest.mark.parametrize("cls", [_TwoBlocks, _Nested, _NoLimit, _Either, _TooManyBlocks, int])
def test_a_class_the_wire_cannot_say_is_refused_when_its_shape_is_made(cls: type) -> None:
    with pytest.raises(TypeError):
        shape_of(cls)
