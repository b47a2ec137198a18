"""What nodes on one network say to each other: datagrams of multicast DNS, without I/O.

    question                 PTR? _holdfast._udp.local
    announcement             PTR  _holdfast._udp.local -> INSTANCE._holdfast._udp.local
                             TXT  INSTANCE… : "network=…" "peer=12D3KooW…" "port=4061"

As in libp2p's mDNS, but under a name of our own, and without addresses: a node is where
its datagram comes from. Everybody's datagrams arrive here, so what is not ours, or makes
no sense, is passed over in silence.
"""

import struct
from dataclasses import dataclass
from typing import Final

from formats.base58 import base58, from_base58
from formats.errors import Malformed, Usage
from formats.limits import PEER_ID_PREFIX
from node.near.rules import FORGET, MAX_DATAGRAM
from node.peer import PEER_ID_SIZE

SERVICE: Final = (b"_holdfast", b"_udp", b"local")

_PTR: Final = 12
_TXT: Final = 16
_ANY: Final = 255
_IN: Final = 1
_ANSWER: Final = 0x8400
_HEAD: Final = struct.Struct("!6H")
_KIND: Final = struct.Struct("!2H")
_RECORD: Final = struct.Struct("!2HIH")
_MOST_ENTRIES: Final = 64
_MOST_STEPS: Final = 32
_MOST_TEXTS: Final = 8


@dataclass(frozen=True, slots=True)
class Announcement:
    """A node of the network of that name says that it listens on that TCP port."""

    peer: bytes
    port: int
    network: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What a datagram says: whether somebody asks who is there, and who is."""

    asks: bool = False
    says: tuple[Announcement, ...] = ()


def question() -> bytes:
    """Who is there?"""
    return _HEAD.pack(0, 0, 1, 0, 0, 0) + _written(*SERVICE) + _KIND.pack(_PTR, _IN)


def announced(said: Announcement, instance: bytes) -> bytes:
    """I am. ``instance``: 1 to 63 bytes that no other node uses."""
    name = _written(instance, *SERVICE)
    words = (f"network={said.network}", f"peer={base58(said.peer)}", f"port={said.port}")
    texts = b"".join(bytes([len(word)]) + word.encode() for word in words)
    return b"".join(
        (
            _HEAD.pack(0, _ANSWER, 0, 1, 0, 1),
            _written(*SERVICE) + _RECORD.pack(_PTR, _IN, int(FORGET), len(name)) + name,
            name + _RECORD.pack(_TXT, _IN, int(FORGET), len(texts)) + texts,
        )
    )


def heard(data: bytes) -> Heard:
    """What a datagram says to us: most likely nothing. Raises nothing."""
    if not _HEAD.size <= len(data) <= MAX_DATAGRAM:
        return Heard()
    _, flags, questions, *answers = _HEAD.unpack_from(data)
    if max(questions, sum(answers)) > _MOST_ENTRIES:
        return Heard()
    try:
        if flags & 0x8000:
            return Heard(says=_says(data, questions, sum(answers)))
        return Heard(asks=_asks(data, questions))
    except (Malformed, struct.error):
        return Heard()


def _asks(data: bytes, questions: int) -> bool:
    at = _HEAD.size
    for _ in range(questions):
        name, at = _name(data, at)
        kind, _class = _KIND.unpack_from(data, at)
        at += _KIND.size
        if name == SERVICE and kind in (_PTR, _ANY):
            return True
    return False


def _says(data: bytes, questions: int, answers: int) -> tuple[Announcement, ...]:
    at = _HEAD.size
    for _ in range(questions):
        at = _name(data, at)[1] + _KIND.size
    found: list[Announcement] = []
    for _ in range(answers):
        name, at = _name(data, at)
        kind, _class, _ttl, size = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        if at + size > len(data):
            raise Malformed("a record is cut short")
        if kind == _TXT and name[1:] == SERVICE:
            found += _announcement(data[at : at + size])
        at += size
    return tuple(found)


def _announcement(texts: bytes) -> list[Announcement]:
    """The one of a TXT record, or none."""
    words = dict(word.partition(b"=")[::2] for word in _texts(texts))
    try:
        peer = from_base58(words[b"peer"].decode("ascii"))
        port = words[b"port"].decode("ascii")
        network = words[b"network"].decode("ascii")
    except (KeyError, UnicodeDecodeError, Usage):
        return []
    if len(peer) != PEER_ID_SIZE or not peer.startswith(PEER_ID_PREFIX):
        return []
    if not (port.isdecimal() and len(port) <= 5 and 0 < int(port) < 65536):
        return []
    return [Announcement(peer, int(port), network)]


def _texts(data: bytes) -> list[bytes]:
    found: list[bytes] = []
    at = 0
    while at < len(data) and len(found) < _MOST_TEXTS:
        end = at + 1 + data[at]
        if end > len(data):
            raise Malformed("a text is cut short")
        found.append(data[at + 1 : end])
        at = end
    return found


def _written(*labels: bytes) -> bytes:
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _name(data: bytes, at: int) -> tuple[tuple[bytes, ...], int]:
    """The labels of a name in small letters, and where the name ends.

    Names may go on at an earlier place in the datagram. In circles as well, so steps are counted.
    """
    labels: list[bytes] = []
    end: int | None = None
    for _ in range(_MOST_STEPS):
        size = _byte(data, at)
        if size >= 0xC0:
            end = at + 2 if end is None else end
            at = (size & 0x3F) << 8 | _byte(data, at + 1)
        elif size == 0:
            return tuple(labels), at + 1 if end is None else end
        elif size < 64 and at + 1 + size <= len(data):
            labels.append(data[at + 1 : at + 1 + size].lower())
            at += 1 + size
        else:
            break
    raise Malformed("that is no name")


def _byte(data: bytes, at: int) -> int:
    if at >= len(data):
        raise Malformed("a name is cut short")
    return data[at]
