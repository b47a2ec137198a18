"""Canonical DAG-CBOR: vectors, the dag-cbor package as oracle, and mutations."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any, Final

import dag_cbor
import pytest
from dag_cbor.decoding import CBORDecodingError, DAGCBORDecodingError
from dag_cbor.encoding import CBOREncodingError, DAGCBOREncodingError
from hypothesis import given, settings
from hypothesis import strategies as st
from multiformats import CID

from formats.cid import Cid
from formats.dag_cbor import MAX_DEPTH, MAX_INT, MIN_INT, Value, decode, encode, links
from formats.errors import Malformed

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/dag_cbor/values.json").read_text())
GOOD = [vector for vector in VECTORS if vector["expect"] == "ok"]
BAD = [vector for vector in VECTORS if vector["expect"] == "malformed"]


def from_dag_json(value: Any) -> Value:
    """The value a vector writes in DAG-JSON."""
    if isinstance(value, list):
        return [from_dag_json(item) for item in value]
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    if "/" not in value:
        return {key: from_dag_json(item) for key, item in value.items()}
    inner = value["/"]
    return Cid.parse(inner) if isinstance(inner, str) else b64decode(inner["bytes"] + "==")


def exact(value: object) -> object:
    """``value`` with every type beside it, since True == 1 and a Cid == its bytes."""
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    return type(value).__name__, value


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector["name"])
def test_valid_vector(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    value = decode(data)
    assert encode(value) == data
    if "value" in vector:
        assert exact(value) == exact(from_dag_json(vector["value"]))


@pytest.mark.parametrize("vector", BAD, ids=lambda vector: vector["name"])
def test_malformed_vector(vector: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as caught:
        decode(bytes.fromhex(vector["hex"]))
    assert vector["reason"] in caught.value.message


CIDS: Final = st.binary(max_size=8).map(Cid.of_raw) | st.binary(max_size=8).map(Cid.of_cbor)
SCALARS: Final = (
    st.none()
    | st.booleans()
    | st.integers(MIN_INT, MAX_INT)
    | st.sampled_from([0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, MAX_INT, MIN_INT])
    | st.text(max_size=30)
    | st.binary(max_size=40)
    | CIDS
)
VALUES: Final[st.SearchStrategy[Value]] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=6), inner, max_size=6)
    ),
    max_leaves=25,
)


def for_oracle(value: Value) -> Any:
    if isinstance(value, Cid):
        return CID.decode(bytes(value))
    if isinstance(value, list):
        return [for_oracle(item) for item in value]
    if isinstance(value, dict):
        return {key: for_oracle(item) for key, item in value.items()}
    return value


def in_model(value: Any) -> bool:
    """Whether what the oracle decoded is also inside our narrower model."""
    if isinstance(value, float):
        return False
    if isinstance(value, CID):
        return bytes(value)[:4] in (b"\x01\x55\x12\x20", b"\x01\x71\x12\x20")
    if isinstance(value, dict):
        return all(map(in_model, value.values()))
    return not isinstance(value, list) or all(map(in_model, value))


@given(VALUES)
@settings(max_examples=200, deadline=None)
def test_what_is_written_is_read_back_and_the_oracle_writes_the_same(value: Value) -> None:
    data = encode(value)
    assert exact(decode(data)) == exact(value)
    assert dag_cbor.encode(for_oracle(value)) == data


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(encode(draw(VALUES)))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(data)


ORACLE_REFUSES = (
    CBORDecodingError,
    DAGCBORDecodingError,
    CBOREncodingError,
    DAGCBOREncodingError,
    ValueError,
    OverflowError,  # a length past what its reader can index
    KeyError,
)


@given(mutated() | st.binary(max_size=12))
@settings(max_examples=1000, deadline=None)
def test_exactly_what_the_oracle_accepts_and_the_model_allows(data: bytes) -> None:
    try:
        theirs = dag_cbor.decode(data)
        allowed = in_model(theirs) and dag_cbor.encode(theirs) == data
    except ORACLE_REFUSES:
        allowed = False
    try:
        ours = decode(data)
    except Malformed:
        assert not allowed
    else:
        assert allowed
        assert encode(ours) == data


TAGS: Final = [tag for tag in (*range(300), 1004, 43000, 55799, 2**32) if tag != 42]


def tag_head(tag: int) -> bytes:
    for limit, start in ((24, b""), (2**8, b"\xd8"), (2**16, b"\xd9"), (2**64, b"\xdb")):
        if tag < limit:
            size = {b"": 1, b"\xd8": 1, b"\xd9": 2, b"\xdb": 8}[start]
            return start + (tag + (0 if start else 0xC0)).to_bytes(size, "big")
    raise AssertionError(tag)


@pytest.mark.parametrize("tag", TAGS)
def test_no_tag_but_42(tag: int) -> None:
    for inside in (b"\0", b"\x40", b"\x60", b"\x80", b"\xa0", b"\x82\0\1", b"\x44\1\2\3\4"):
        for before in (b"", b"\x81", b"\xa1\x61\x61"):
            with pytest.raises(Malformed, match="a tag other than 42"):
                decode(before + tag_head(tag) + inside)


def test_depth_has_two_sides() -> None:
    value: Value = []
    for _ in range(MAX_DEPTH - 1):
        value = {"a": value}
    assert decode(encode(value)) == value
    with pytest.raises(ValueError, match="deeper than 32"):
        encode([value])
    with pytest.raises(Malformed, match="too deep"):
        decode(b"\x81" + encode(value))
    assert decode(b"\x81\x81\x00", max_depth=2) == [[0]]
    with pytest.raises(Malformed, match="too deep"):
        decode(b"\x81\x81\x81\x00", max_depth=2)
    assert decode(b"\x00", max_depth=0) == 0


@pytest.mark.parametrize("value", [MIN_INT - 1, MAX_INT + 1, -(2**70), 2**70])
def test_integers_out_of_range_are_not_written(value: int) -> None:
    values: list[Value] = [value, [value], {"a": value}]
    for wrapped in values:
        with pytest.raises(ValueError, match="bits, at most 64"):
            encode(wrapped)


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "value",
    [1.0, (1, 2), {1, 2}, bytearray(b"a"), memoryview(b"a"), Text("a"), object(), range(3), 1j],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_value_is_not_written(value: Any) -> None:
    for wrapped in (value, [value], {"a": value}):
        with pytest.raises(TypeError, match="DAG-CBOR cannot say"):
            encode(wrapped)


@pytest.mark.parametrize("key", [1, b"a", None, Text("a")])
def test_keys_are_text(key: Any) -> None:
    with pytest.raises(TypeError, match="the keys of a map are text"):
        encode({key: 1})


@pytest.mark.parametrize("value", ["\ud800", {"\ud800": 1}, {"ü\udfff": 1, "b": 2}])
def test_lone_surrogates_are_not_written(value: Value) -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        encode(value)


def test_thirty_six_bytes_are_not_a_link() -> None:
    cid = Cid.of_raw(b"")
    read = decode(encode([cid, bytes(cid)]))
    assert isinstance(read, list)
    assert [type(item) for item in read] == [Cid, bytes]


def test_encode_leaves_its_argument_alone() -> None:
    value: dict[str, Value] = {"b": [Cid.of_raw(b"")], "a": {"z": 1, "y": 2}}
    encode(value)
    assert list(value) == ["b", "a"]
    assert exact(value) == exact({"b": [Cid.of_raw(b"")], "a": {"z": 1, "y": 2}})


def test_links_come_in_the_order_they_are_written() -> None:
    one, two, three = (Cid.of_raw(bytes([at])) for at in range(3))
    value: Value = {"bb": [two, {"x": three}], "a": one, "c": b"", "d": bytes(one)}
    assert list(links(value)) == [one, two, three]
    assert list(links(one)) == [one]
    assert list(links(None)) == []


def test_long_text_is_checked_whole() -> None:
    for size in (65534, 65535, 65536, 200_000):
        text = "a" * size + "ü"
        assert decode(encode(text)) == text
        with pytest.raises(Malformed, match="not UTF-8"):
            decode(encode(text)[:-1] + b"\x41")


def test_errors_do_not_quote_the_input() -> None:
    with pytest.raises(Malformed) as caught:
        decode(b"\xa2" + (b"\x66secret\x00" * 2))
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ([[], [0, -1], {}], 6),
        ({"a": b"x" * 1000, "b": ["text" * 1000, True, None]}, 8),
        ([2**64 - 1, 2**32, 2**16, 2**8, 24, -(2**64)], 7),
        ([Cid.of_raw(b"one"), b"\x80" * 100], 4),
    ],
)
def test_values_are_counted_before_they_are_made(value: Value, items: int) -> None:
    """A link is two: its tag, and the bytes below it."""
    data = encode(value)
    assert decode(data, max_items=items) == value
    with pytest.raises(Malformed, match=f"over {items - 1} values"):
        decode(data + bytes(items), max_items=items - 1)


@given(st.binary(min_size=1, max_size=200))
def test_counting_changes_no_other_refusal(data: bytes) -> None:
    heard = []
    for most in (None, len(data) - 1):
        try:
            heard.append(repr(decode(data, max_items=most)))
        except Malformed as error:
            heard.append(error.message)
    assert heard[1] in (heard[0], f"DAG-CBOR: over {len(data) - 1} values")
