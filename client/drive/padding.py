"""Padding: what is sealed fills a size class, so that its length says little.

    padded = length of the content (4 bytes, big-endian) | content | zero bytes

Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
Communication with PURBs", 2019) keeps the top bits of a size: it adds at most
12 %, and leaves O(log log n) bits of the size to be seen.
"""

from typing import Final

from formats.errors import Malformed

PREFIX: Final = 4
"""Bytes that say how much of what follows is content."""


def padme(size: int) -> int:
    """The Padmé size class of ``size`` bytes: the smallest one that is not less."""
    if size < 2:
        return size
    exponent = size.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (size + mask) & ~mask


def bucket(size: int, step: int) -> int:
    """``size`` rounded up to a multiple of ``step``."""
    return -(-size // step) * step


def pad(content: bytes, size: int) -> bytes:
    """``content`` behind its length, zeros after it: ``size`` bytes in all."""
    if PREFIX + len(content) > size:
        raise ValueError(f"{len(content)} bytes do not fit into {size} with their length")
    return (len(content).to_bytes(PREFIX, "big") + content).ljust(size, b"\0")


def unpad(padded: bytes) -> bytes:
    """The content; raises Malformed unless everything after it is zero."""
    if len(padded) < PREFIX:
        raise Malformed("padding: shorter than its length field")
    end = PREFIX + int.from_bytes(padded[:PREFIX], "big")
    if end > len(padded):
        raise Malformed("padding: the content is longer than what holds it")
    if padded.count(0, end) != len(padded) - end:
        raise Malformed("padding: something other than zeros after the content")
    return padded[PREFIX:end]
