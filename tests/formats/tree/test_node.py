"""Nodes: the pattern against the general decoder, and what is refused."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats import dag_cbor
from formats.cid import Cid
from formats.dag_cbor import Value
from formats.errors import Malformed
from formats.tree.node import (
    DEEPEST,
    EMPTY,
    MAX_NODE,
    TOP,
    Node,
    Place,
    bucket_slot,
    check_label,
    entries_of,
    link_in,
    link_slot,
    read,
    read_bytes,
)
from tests.formats.tree.trees import (
    CONTENTS,
    by_definition,
    label,
    random_contents,
    root_by_definition,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/tree/nodes.json").read_text())
RAW, CBOR = Cid.of_raw(b"leaf"), Cid.of_cbor(b"child")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    place = Place(vector["depth"], int(vector["prefix"] or "0", 2))
    if vector["expect"] == "ok":
        assert read_bytes(data, place).encode() == data
        return
    with pytest.raises(Malformed, match=vector["reason"]):
        read_bytes(data, place)


def test_the_empty_tree_is_one_small_block() -> None:
    assert EMPTY.data == dag_cbor.encode([bytes(4), []])
    assert read(lambda cid: pytest.fail("loaded"), EMPTY.cid, TOP) == Node({})


@given(CONTENTS)
def test_nodes_are_read_and_written_as_the_general_coder_has_them(
    contents: dict[bytes, Cid],
) -> None:
    blocks = by_definition(contents)
    root = root_by_definition(contents)
    for cid, data in blocks.items():
        node = Node.decode(data, root=cid == root)
        assert node.encode() == data
        value = dag_cbor.decode(data)
        assert isinstance(value, list)
        assert [cid for _, cid in node.links()] == [
            slot for slot in _items(value[1]) if isinstance(slot, Cid)
        ]
        assert [list(entry) for entry in node.entries()] == [
            entry for slot in _items(value[1]) if isinstance(slot, list) for entry in slot
        ]
        assert node.labels() == [name for name, _ in node.entries()]


def _items(value: Value) -> list[Value]:
    assert isinstance(value, list)
    return value


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    blocks = by_definition(draw(CONTENTS)) or {EMPTY.cid: EMPTY.data}
    data = bytearray(draw(st.sampled_from(list(blocks.values()))))
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(data)


@given(_mutated(), st.booleans())
@settings(max_examples=300)
def test_whatever_is_read_is_canonical_dag_cbor_and_written_back_the_same(
    data: bytes, root: bool
) -> None:
    try:
        node = Node.decode(data, root=root)
    except Malformed:
        return
    assert node.encode() == data
    assert dag_cbor.encode(dag_cbor.decode(data)) == data


def test_a_label_that_looks_like_a_slot_is_only_a_label() -> None:
    looks = (b"\x82\x58\x20" * 11)[:32]
    other = bytes(a ^ 0x80 for a in looks[:1]) + looks[1:]
    leaf = Cid(b"\x01\x55\x12\x20" + link_slot(CBOR)[:32])
    slots = dict(
        sorted((TOP.slot_of(name), bucket_slot([(name, leaf)])) for name in (looks, other))
    )
    assert read_bytes(Node(slots).encode(), TOP).slots == slots


def test_slots_come_apart_as_they_were_put_together() -> None:
    entries = [(label(number), RAW) for number in range(3)]
    for count in range(4):
        assert entries_of(bucket_slot(entries[:count])) == entries[:count]
        assert link_in(bucket_slot(entries[:count])) is None
    assert link_in(link_slot(CBOR)) == CBOR
    assert type(link_in(link_slot(CBOR))) is Cid
    assert all(type(leaf) is Cid for _, leaf in entries_of(bucket_slot(entries)))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_label_has_32_bytes(size: int) -> None:
    check_label(bytes(32))
    with pytest.raises(ValueError, match=f"{size} bytes, expected 32"):
        check_label(bytes(size))


def test_the_largest_node_is_under_its_limit() -> None:
    full = Node(
        {
            number: bucket_slot([(label(number << 251 | low), RAW) for low in range(3)])
            for number in range(32)
        }
    )
    data = full.encode()
    assert len(data) == 7336 < MAX_NODE
    assert read_bytes(data, TOP) == full
    with pytest.raises(Malformed, match="at most 16384"):
        Node.decode(bytes(MAX_NODE + 1), root=True)
    with pytest.raises(Malformed, match="not \\[bitmap"):
        Node.decode(bytes(MAX_NODE), root=True)


def test_links_end_at_the_deepest_node() -> None:
    data = Node({3: link_slot(CBOR)}).encode()
    assert read_bytes(data, Place(DEEPEST - 1, 0))
    with pytest.raises(Malformed, match="below the deepest"):
        read_bytes(data, Place(DEEPEST, 0))


def test_a_node_belongs_to_one_place() -> None:
    random = Random(7)
    blocks = by_definition(random_contents(random, 300))
    root = list(blocks)[-1]
    for number, child in Node.decode(blocks[root], root=True).links():
        assert read_bytes(blocks[child], TOP.below(number))
        for other in range(32):
            if other != number:
                with pytest.raises(Malformed, match="outside its slot"):
                    read_bytes(blocks[child], TOP.below(other))
        with pytest.raises(Malformed, match="outside its slot"):
            read_bytes(blocks[child], TOP)
