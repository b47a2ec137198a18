"""Leaves and segment blocks."""

import pytest

from crypto.sealing import OVERHEAD
from formats.cid import Cid
from formats.errors import Malformed
from formats.leaf import (
    MAX_BODY,
    MAX_GENERATION,
    MAX_HEADER,
    MAX_LEAF,
    MAX_SEGMENT_BLOCK,
    Leaf,
    join_segment,
    split_segment,
)
from formats.limits import BLOCK, SEGMENT
from tests.records.people import lock, root

LOCK = lock("leaf").public
SEGMENTS = tuple(Cid.of_raw(bytes([each])) for each in range(20))


def test_comes_back_as_it_went() -> None:
    for leaf in (
        Leaf(LOCK, header=b"h"),
        Leaf(LOCK, body=b"b"),
        Leaf(LOCK, segments=SEGMENTS),
        Leaf(LOCK, b"h", b"b", SEGMENTS[:1]),
    ):
        assert Leaf.decode(leaf.block.data) == leaf
        assert not leaf.block.cid.is_raw


def test_the_largest_leaf_fits_its_limit() -> None:
    largest = Leaf(LOCK, b"h" * MAX_HEADER, b"b" * MAX_BODY, SEGMENTS)
    assert len(largest.block.data) <= MAX_LEAF < BLOCK
    assert Leaf.decode(largest.block.data) == largest
    with pytest.raises(Malformed, match="at most"):
        Leaf.decode(b"\0" * (MAX_LEAF + 1))


def test_no_leaf_is_made_that_nobody_would_read() -> None:
    with pytest.raises(Malformed, match="holds nothing"):
        Leaf(LOCK)
    with pytest.raises(Malformed, match="lock of 31"):
        Leaf(LOCK[:31], b"h")
    with pytest.raises(Malformed, match="header of 0"):
        Leaf(LOCK, b"")
    with pytest.raises(Malformed, match="header of 8193"):
        Leaf(LOCK, b"h" * (MAX_HEADER + 1))
    with pytest.raises(Malformed, match="body of 69633"):
        Leaf(LOCK, body=b"b" * (MAX_BODY + 1))
    with pytest.raises(Malformed, match="over 20"):
        Leaf(LOCK, segments=(*SEGMENTS, SEGMENTS[0]))
    with pytest.raises(Malformed, match="raw"):
        Leaf(LOCK, segments=(root("no segment"),))


def test_segments_say_their_generation() -> None:
    for generation in (0, 1, MAX_GENERATION):
        data = join_segment(generation, b"s" * (OVERHEAD + 1))
        assert len(data) == 4 + OVERHEAD + 1
        found, sealed = split_segment(data)
        assert (found, bytes(sealed)) == (generation, b"s" * (OVERHEAD + 1))


def test_a_segment_holds_something_and_at_most_256_kib() -> None:
    assert MAX_SEGMENT_BLOCK == 4 + OVERHEAD + SEGMENT
    join_segment(1, b"s" * (OVERHEAD + SEGMENT))
    for size in (0, OVERHEAD, OVERHEAD + SEGMENT + 1):
        with pytest.raises(Malformed):
            join_segment(1, b"s" * size)
    for data in (b"", b"\0\0\0", b"\0" * (4 + OVERHEAD), b"\0" * (MAX_SEGMENT_BLOCK + 1)):
        with pytest.raises(Malformed):
            split_segment(data)
