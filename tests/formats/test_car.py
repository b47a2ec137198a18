"""CAR files: one reading of each, both sides of every limit, and the vectors."""

from io import BytesIO
from typing import Any

import pytest

from formats.car import (
    MAX_SECTION_BLOCK,
    header,
    read_block,
    read_header,
    read_section,
    section,
)
from formats.cid import CID_SIZE, MAX_BLOCK, Block, Cid
from formats.errors import BadBlock, HoldfastError, Malformed
from formats.varint import varint
from tests.formats.test_record_vectors import outcome, vectors


def whole(data: bytes) -> list[tuple[Cid, bytes]]:
    source, found = BytesIO(data), list[tuple[Cid, bytes]]()
    read_header(source)
    while (each := read_section(source)) is not None:
        found.append(each)
    return found


@pytest.mark.parametrize("case", vectors("archive/car")["cases"], ids=lambda case: case["name"])
def test_vectors(case: dict[str, Any]) -> None:
    assert outcome(whole, bytes.fromhex(case["hex"])) == case["expect"]


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**20, 2**28 - 1])
def test_lengths_are_written_one_way(value: int) -> None:
    made = varint(value)
    assert len(made) == max(1, -(-value.bit_length() // 7))
    assert all(byte >= 128 for byte in made[:-1])
    assert made[-1] < 128


def test_the_largest_block_and_one_byte_more() -> None:
    root = Block.cbor(b"\xa0").cid
    data = bytes(MAX_SECTION_BLOCK)
    assert whole(header(root) + section(Cid.of_raw(data), data))[0][1] == data
    more = data + b"\0"
    with pytest.raises(Malformed):
        whole(header(root) + section(Cid.of_raw(more), more))


def test_a_block_of_ours_is_as_large_as_blocks_are() -> None:
    data = bytes(MAX_BLOCK)
    assert read_block(BytesIO(section(Cid.of_raw(data), data))) == Block.raw(data)
    assert read_block(BytesIO(b"")) is None
    more = data + b"\0"
    with pytest.raises(Malformed):
        read_block(BytesIO(section(Cid.of_raw(more), more)))
    with pytest.raises(BadBlock):
        read_block(BytesIO(section(Cid.of_raw(data), more)))


def test_the_smallest_section() -> None:
    root = Block.cbor(b"\xa0").cid
    assert whole(header(root) + section(Cid.of_raw(b""), b"")) == [(Cid.of_raw(b""), b"")]
    with pytest.raises(Malformed):
        whole(header(root) + varint(CID_SIZE - 1) + bytes(CID_SIZE - 1))


def test_every_byte_counts() -> None:
    block = Block.raw(b"sealed")
    data = header(block.cid) + section(block.cid, block.data)
    for at in range(len(header(block.cid)), len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(HoldfastError):
            whole(bytes(changed))
    with pytest.raises(BadBlock):
        whole(data[:-1] + b"x")
