"""Size classes, and that nothing but zeros is taken for padding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.drive.padding import bucket, pad, padme, unpad
from formats.errors import Malformed


@pytest.mark.parametrize(
    ("size", "padded"),
    [
        (0, 0),
        (1, 1),
        (2, 2),
        (3, 3),
        (9, 10),
        (100, 104),
        (1000, 1024),
        (1025, 1088),
        (64 * 1024 + 1, 66 * 1024),
        (5 * 2**20, 5 * 2**20),
        (5 * 2**20 - 1, 5 * 2**20),
    ],
)
def test_padme(size: int, padded: int) -> None:
    assert padme(size) == padded


@given(st.integers(2, 2**53))
def test_padme_adds_little_and_stays_where_it_is(size: int) -> None:
    padded = padme(size)
    assert size <= padded <= size * 1.12 + 1
    assert padme(padded) == padded


@given(st.binary(max_size=600), st.integers(0, 600))
def test_what_was_padded_comes_back(content: bytes, more: int) -> None:
    padded = pad(content, len(content) + 4 + more)
    assert len(padded) == len(content) + 4 + more
    assert unpad(padded) == content


def test_padding_that_does_not_fit_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        pad(b"12345", 8)


@pytest.mark.parametrize(
    "padded", [b"", b"\0\0\0", b"\0\0\0\2a", b"\0\0\0\1ab", b"\xff\xff\xff\xffab"]
)
def test_odd_padding_is_refused(padded: bytes) -> None:
    with pytest.raises(Malformed):
        unpad(padded)


def test_buckets() -> None:
    assert [bucket(size, 512) for size in (0, 1, 512, 513)] == [0, 512, 512, 1024]
