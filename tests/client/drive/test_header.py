"""Headers: what comes back, what is refused, and how little their size says."""

import dataclasses
from typing import Any

import pytest

from client.drive.header import (
    HEADER_STEP,
    MAX_HOLES,
    FileHeader,
    FolderHeader,
    Header,
    Shape,
    decode_header,
    open_header,
    seal_header,
)
from client.drive.padding import pad
from client.drive.ring import Ring
from client.keys import NodeKeys, new_node_secret
from crypto.purposes import SealPurpose
from crypto.sealing import COMMITTED_OVERHEAD, Associated
from crypto.secret import Secret
from formats.dag_cbor import encode
from formats.errors import Damaged, Malformed, UnknownVersion
from formats.limits import CHUNK, INLINE, MIB

ID = b"i" * 16
RING = Ring.new(ID)
SMALL = FileHeader(ID, RING, 5, 1, 2)
BIG = FileHeader(
    ID,
    RING,
    20 * MIB,
    -1,
    2**62,
    executable=True,
    inline=False,
    type="text/plain",
    holes=((0, 1), (2, 2)),
    hash=bytes(32),
)
FOLDER = FolderHeader(ID, RING, Secret(b"n" * 32), 7, settings={"colour": "blue"})


@pytest.mark.parametrize("header", [SMALL, BIG, FOLDER])
def test_it_comes_back(header: Header) -> None:
    keys = NodeKeys(new_node_secret())
    sealed = seal_header(keys, header)
    assert open_header(keys, sealed) == header
    assert (len(sealed) - COMMITTED_OVERHEAD) % HEADER_STEP == 0


def test_a_small_file_a_large_one_and_a_folder_have_headers_of_one_size() -> None:
    keys = NodeKeys(new_node_secret())
    assert len({len(seal_header(keys, header)) for header in (SMALL, BIG, FOLDER)}) == 1


def test_it_does_not_open_elsewhere() -> None:
    sealed = seal_header(NodeKeys(new_node_secret()), SMALL)
    with pytest.raises(Damaged):
        open_header(NodeKeys(new_node_secret()), sealed)


def test_an_altered_one_does_not_open() -> None:
    keys = NodeKeys(new_node_secret())
    sealed = bytearray(seal_header(keys, SMALL))
    for at in (0, 31, 32, 33, 60, len(sealed) - 1):
        sealed[at] ^= 1
        with pytest.raises(Damaged):
            open_header(keys, bytes(sealed))
        sealed[at] ^= 1


def test_what_a_newer_program_added_survives() -> None:
    for header in (SMALL, FOLDER):
        value: Any = {**header.value, "later": [1, 2]}  # type: ignore[dict-item]
        assert decode_header(encode(decode_header(encode(value)).value)).extra == {"later": [1, 2]}


def test_a_newer_version_says_so() -> None:
    with pytest.raises(UnknownVersion):
        decode_header(encode({**SMALL.value, "v": 2}))  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "pipe"},
        {"id": bytes(15)},
        {"size": -1},
        {"size": 2**53 + 1},
        {"exec": 1},
        {"size": INLINE + 1},
        {"holes": [[0, 1]]},
        {"inline": False, "holes": [[0, 2]]},
        {"inline": False, "holes": [[0, 0]]},
        {"inline": False, "holes": [[1]]},
        {"inline": False, "holes": []},
        {"modified": 2**63},
        {"modified": -(2**63) - 1},
        {"chunk": CHUNK + 1},
        {"segment": 100},
        {"segment": 0},
        {"segment": 512 * 1024},
        {"chunk": 0},
        {"chunk": 21 * 256 * 1024},
        {"type": "x" * 256},
        {"hash": bytes(31)},
        {"ring": []},
        {"size": None},
    ],
)
def test_odd_headers_are_refused(change: dict[str, Any]) -> None:
    value = {**SMALL.value, **change}  # type: ignore[dict-item]
    if change == {"inline": False, "holes": []}:
        assert decode_header(encode(value)) is not None
        return
    with pytest.raises(Malformed):
        decode_header(encode(value))


@pytest.mark.parametrize(
    "holes", [((1, 1), (0, 1)), ((0, 2), (1, 1)), ((0, 1), (1, 1)), ((3, 2),), ((4, 1),)]
)
def test_holes_out_of_order_or_beyond_the_end(holes: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(Malformed):
        dataclasses.replace(BIG, holes=holes)


def test_as_many_holes_as_a_header_takes() -> None:
    holes = tuple((2 * at, 1) for at in range(MAX_HOLES))
    header = dataclasses.replace(BIG, size=2 * MAX_HOLES * CHUNK, holes=holes)
    keys = NodeKeys(new_node_secret())
    assert open_header(keys, seal_header(keys, header)) == header
    assert [*header.stored_chunks()] == [2 * at + 1 for at in range(MAX_HOLES)]
    assert header.is_hole(0)
    assert not header.is_hole(1)
    more = dataclasses.replace(header, size=CHUNK * 9999, holes=(*holes, (9000, 1)))
    with pytest.raises(Malformed):
        decode_header(encode(more.value))


def test_padding_that_is_not_zero_is_refused() -> None:
    keys = NodeKeys(new_node_secret())
    content = pad(encode(SMALL.value), 512)[:-1] + b"\1"
    sealed = keys.header_key.seal_committed(content, Associated(SealPurpose.HEADER))
    with pytest.raises(Malformed):
        open_header(keys, sealed)


@pytest.mark.parametrize(
    ("size", "chunks"), [(0, 0), (1, 1), (CHUNK, 1), (CHUNK + 1, 2), (2**53, 2**53 // CHUNK + 1)]
)
def test_chunks(size: int, chunks: int) -> None:
    assert Shape().chunks(size) == chunks


def test_no_secret_prints_itself() -> None:
    assert (b"n" * 32).hex() not in repr(FOLDER)
    assert "nnnn" not in repr(FOLDER)
