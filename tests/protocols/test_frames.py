"""Frames: cut alike however they arrive, and never held beyond their limit."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.errors import ProtocolViolation
from protocols.frames import LENGTH, MAX_FRAME, WRITE, Frames, framed

parts = st.lists(st.binary(max_size=30), max_size=10)


def cut(data: bytes, at: list[int]) -> list[bytes]:
    """``data`` in pieces that end at the given places."""
    edges = [0, *sorted(place % (len(data) + 1) for place in at), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@given(parts, st.lists(st.integers(0, 10_000), max_size=20))
def test_any_cutting_gives_the_same_frames(wanted: list[bytes], at: list[int]) -> None:
    frames, found = Frames(), []
    for piece in cut(b"".join(framed(wanted)), at):
        frames.feed(piece)
        while (frame := frames.take(0, 30)) is not None:
            found.append(frame)
    assert found == wanted
    assert len(frames) == 0


@pytest.mark.parametrize(
    ("size", "least", "most"), [(5, 0, 4), (3, 4, 4), (2**32 - 1, 0, MAX_FRAME)]
)
def test_a_length_is_judged_before_anything_follows_it(size: int, least: int, most: int) -> None:
    frames = Frames()
    frames.feed(size.to_bytes(LENGTH, "big"))
    with pytest.raises(ProtocolViolation, match=f"{size} bytes"):
        frames.take(least, most)


@pytest.mark.parametrize("size", [0, 1, MAX_FRAME])
def test_a_frame_at_its_limit_is_taken(size: int) -> None:
    frames = Frames()
    frames.feed(size.to_bytes(LENGTH, "big"))
    assert frames.take(size, size) == (b"" if size == 0 else None)
    frames.feed(bytes(size))
    if size:
        assert frames.take(size, size) == bytes(size)
    assert len(frames) == 0


def test_small_parts_share_a_write_and_large_ones_are_not_held_back() -> None:
    writes = list(framed([b"head", bytes(WRITE), bytes(10), bytes(WRITE // 2), bytes(WRITE // 2)]))
    assert [len(write) for write in writes] == [WRITE + 12, WRITE + 22]
    assert list(framed([])) == []
