"""Multiaddresses as bytes, as libp2p's messages carry them; as text everywhere else.

Known are ``ip4``, ``ip6``, ``tcp``, ``p2p`` and ``p2p-circuit``. An address with
anything else in it is no address to us, and is passed over.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from formats.base58 import base58, from_base58
from formats.errors import Malformed, Usage
from formats.limits import PEER
from formats.varint import varint
from node.reach.protobuf import read_varint

MAX_BYTES: Final = 256

_IP4: Final = 4
_TCP: Final = 6
_IP6: Final = 41
_CIRCUIT: Final = 290
_P2P: Final = 421


def to_text(data: bytes) -> str | None:
    """The text of an address, None if there is something in it that we do not know."""
    if len(data) > MAX_BYTES:
        return None
    parts: list[str] = []
    at = 0
    try:
        while at < len(data):
            code, at = read_varint(data, at)
            text, at = _part(code, data, at)
            parts.append(text)
    except Malformed:
        return None
    return "".join(parts) or None


def to_bytes(text: str) -> bytes | None:
    """The bytes of an address, None if there is something in it that we do not know."""
    words = iter(text.split("/")[1:])
    out = b""
    try:
        for word in words:
            out += varint(_CIRCUIT) if word == "p2p-circuit" else _encoded(word, next(words))
    except (ValueError, StopIteration):
        return None
    return out or None


def texts(items: Iterable[bytes], most: int) -> list[str]:
    """The addresses among some that we know, at most so many."""
    found = (to_text(item) for item in items)
    return [each for each in found if each is not None][:most]


def encoded(items: Iterable[str]) -> list[bytes]:
    """The bytes of those addresses that have some."""
    return [data for data in map(to_bytes, items) if data is not None]


def peer_bytes(text: str) -> bytes:
    """The peer id of a text; ValueError if it is none."""
    try:
        peer = from_base58(text)
    except Usage:
        raise ValueError("no peer id") from None
    if not 0 < len(peer) <= PEER:
        raise ValueError("no peer id")
    return peer


def _part(code: int, data: bytes, at: int) -> tuple[str, int]:
    if code == _CIRCUIT:
        return "/p2p-circuit", at
    if code == _P2P:
        size, at = read_varint(data, at)
        return f"/p2p/{base58(_exactly(data, at, min(size, PEER + 1)))}", at + size
    if code == _IP4:
        return f"/ip4/{IPv4Address(_exactly(data, at, 4))}", at + 4
    if code == _IP6:
        return f"/ip6/{IPv6Address(_exactly(data, at, 16))}", at + 16
    if code == _TCP:
        return f"/tcp/{int.from_bytes(_exactly(data, at, 2), 'big')}", at + 2
    raise Malformed("an address of a kind that is not known")


def _exactly(data: bytes, at: int, size: int) -> bytes:
    if not 0 < size <= PEER or at + size > len(data):
        raise Malformed("an address breaks off")
    return data[at : at + size]


def _encoded(word: str, value: str) -> bytes:
    if word == "ip4":
        return varint(_IP4) + IPv4Address(value).packed
    if word == "ip6":
        return varint(_IP6) + IPv6Address(value.partition("%")[0]).packed
    if word == "tcp" and value.isascii() and value.isdigit() and int(value) < 1 << 16:
        return varint(_TCP) + int(value).to_bytes(2, "big")
    if word == "p2p":
        peer = peer_bytes(value)
        return varint(_P2P) + varint(len(peer)) + peer
    raise ValueError(word)
