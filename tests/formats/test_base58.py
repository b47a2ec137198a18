"""Base58 as libp2p writes it."""

import pytest

from formats.base58 import MAX_TEXT, base58, from_base58
from formats.errors import Usage


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"\0", "1"),
        (b"\0\0\x01", "112"),
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
    ],
)
def test_known_pairs(data: bytes, text: str) -> None:
    """The last two are of draft-msporny-base58."""
    assert base58(data) == text
    assert not text or from_base58(text) == data


@pytest.mark.parametrize("text", ["", "0", "O", "I", "l", "a b", "2" * (MAX_TEXT + 1)])
def test_what_is_no_base58_is_refused(text: str) -> None:
    with pytest.raises(Usage):
        from_base58(text)


def test_the_longest_text_is_read() -> None:
    assert base58(from_base58("2" * MAX_TEXT)) == "2" * MAX_TEXT
