"""Which bytes a ``Range`` header asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontends.web.ranges import NoSuchPart, Part, asked_part


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, 10),
        ("bytes=9-", 9, 10),
        ("bytes=3-5", 3, 6),
        ("bytes=3-99", 3, 10),
        ("bytes=-1", 9, 10),
        ("bytes=-99", 0, 10),
    ],
)
def test_one_range_is_given(text: str, start: int, end: int) -> None:
    assert asked_part(text, 10) == Part(start, end, 10)


@pytest.mark.parametrize(
    "text",
    ["", "bytes=-", "bytes=5-4", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b", "bytes=0-" + "9" * 17],
)
def test_what_is_no_one_range_gives_all(text: str) -> None:
    assert asked_part(text, 10) is None


@pytest.mark.parametrize(("text", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0)])
def test_behind_the_end_is_nothing(text: str, size: int) -> None:
    with pytest.raises(NoSuchPart):
        asked_part(text, size)


@given(st.integers(0, 2**53), st.integers(0, 2**53), st.integers(0, 2**53))
def test_a_part_is_never_outside(size: int, first: int, last: int) -> None:
    try:
        part = asked_part(f"bytes={first}-{last}", size)
    except NoSuchPart:
        assert first >= size
        return
    assert part is None or 0 <= part.start < part.end <= size
