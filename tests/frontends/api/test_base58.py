"""Base58 as libp2p writes it."""

import pytest

from frontends.api.base58 import base58


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
