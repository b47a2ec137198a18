"""An envelope: a drop sealed for each node of its way in turn, of one size on every line.

    layer(n)  = HPKE to the node's courier key, info (COURIER, n, peer id)
                of  head padded to 1024 bytes | rest
    rest      = the next node's layer(n - 1), or the sealed message, or zeros
    envelope  = layer(n) | random bytes                            24 KiB

    head      = {v, drop, reply}            for this node's own inbox, n = 0
              | {v, next, work}             pass the rest on
              | {v, next, reply}            ask that node for its courier record

``n`` is how many nodes come after at most, so a way ends. A node cuts off its layer and fills
up with random bytes: the last one cannot tell how many were before. ``reply`` is a fresh key
for the answer (``reply.py``). See docs/spec/courier.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crypto.errors import BadKey, OpenFailed
from crypto.hashing import sha256
from crypto.hpke import HPKE_OVERHEAD, SealKeyPair, seal_to
from crypto.purposes import SealPurpose
from crypto.sealing import Associated
from crypto.secret import Secret, random_bytes
from crypto.work import check, solve
from formats.courier.record import CourierRecord
from formats.dag_cbor import Value, decode, encode
from formats.drop import MAX_DROP, SEALED_MESSAGE
from formats.envelope import present
from formats.errors import Damaged, Denied, Malformed, Stale
from formats.fields import Fields
from formats.limits import KIB, PEER
from formats.whereabouts import Home, read_addresses

ENVELOPE: Final = 24 * KIB
"""Bytes of every envelope."""

MOST_COURIERS: Final = 2
"""Nodes that pass one envelope on, at most."""

HEAD: Final = KIB
MAX_NEXT_ADDRESSES: Final = 3
"""Addresses of the next node that a head names."""
REPLY_KEY: Final = 32
_LENGTH: Final = 2
_WHAT: Final = "envelope"


@dataclass(frozen=True, slots=True)
class Arrive:
    """For this node: a ``formats.drop.Drop``, encoded; the sealed message is the rest."""

    drop: bytes
    reply: Secret


@dataclass(frozen=True, slots=True)
class Enquire:
    """Ask ``next`` for its courier record."""

    next: Home
    reply: Secret


@dataclass(frozen=True, slots=True)
class Onward:
    """Pass the rest on to ``next``; ``work`` was done for it."""

    next: Home
    work: int


Head = Arrive | Enquire | Onward


@dataclass(frozen=True, slots=True)
class Posted:
    """An envelope for one node, as it is handed over. ``left``: nodes that may come after."""

    left: int
    work: int
    envelope: bytes


@dataclass(frozen=True, slots=True)
class Hop:
    """A node on the way: where it is, and its record."""

    home: Home
    record: CourierRecord


def sealed_size(left: int) -> int:
    """Bytes of a layer after which so many nodes may come."""
    return SEALED_MESSAGE + (left + 1) * (HEAD + HPKE_OVERHEAD)


def post(way: Sequence[Hop], last: Arrive | Enquire, message: bytes = b"") -> Posted:
    """An envelope along ``way``, and what its last node is to do; does the work for each.

    ``message``: the sealed message, for ``Arrive``. Raises Damaged for a key that is none,
    Malformed for a way too long.
    """
    left = 0 if isinstance(last, Arrive) else 1
    if left + len(way) - 1 > MOST_COURIERS:
        raise Malformed(f"{_WHAT}: at most {MOST_COURIERS} nodes pass it on")
    layer = _seal(way[-1].record, left, last, message.ljust(_rest_size(left), b"\0"))
    work = _worked(way[-1].record, layer)
    for hop, after in zip(reversed(way[:-1]), reversed(way[1:]), strict=True):
        left += 1
        layer = _seal(hop.record, left, Onward(after.home, work), layer)
        work = _worked(hop.record, layer)
    return Posted(left, work, fill(layer))


def fill(layer: bytes) -> bytes:
    """The envelope of a layer: random bytes up to the one size."""
    return layer + random_bytes(ENVELOPE - len(layer))


def check_work(posted: Posted, peer: bytes, bits: int) -> None:
    """Return if enough work was done for this envelope to ``peer``; raises Denied."""
    layer = posted.envelope[: sealed_size(posted.left)]
    if not check(_work_target(peer, layer), posted.work, bits):
        raise Denied(f"{_WHAT}: too little work was done for it")


def open_layer(posted: Posted, peer: bytes, pairs: Sequence[SealKeyPair]) -> tuple[Head, bytes]:
    """What this node is to do, and the rest. Raises Stale (not for a key of today), Malformed."""
    layer, info = posted.envelope[: sealed_size(posted.left)], _info(posted.left, peer)
    for pair in pairs:
        try:
            plain = pair.open(layer, info)
        except OpenFailed:
            continue
        return _read(plain[:HEAD], posted.left), plain[HEAD:]
    raise Stale(f"{_WHAT}: it does not open with a key of this node's", hint="ask for its record")


def _seal(to: CourierRecord, left: int, head: Head, rest: bytes) -> bytes:
    content = encode(_value(head))
    if len(content) > HEAD - _LENGTH or len(rest) != _rest_size(left):
        raise Malformed(f"{_WHAT}: a head of {len(content)} bytes, a rest of {len(rest)}")
    plain = (len(content).to_bytes(_LENGTH, "big") + content).ljust(HEAD, b"\0") + rest
    try:
        return seal_to(to.key, plain, _info(left, to.peer))
    except BadKey as error:
        raise Damaged("a courier's key to seal to is none") from error


def _rest_size(left: int) -> int:
    return sealed_size(left) - HEAD - HPKE_OVERHEAD


def _worked(to: CourierRecord, layer: bytes) -> int:
    return solve(_work_target(to.peer, layer), to.bits)


def _work_target(peer: bytes, layer: bytes) -> bytes:
    return sha256(encode({"v": 1, "to": peer, "layer": sha256(layer)}))


def _info(left: int, peer: bytes) -> Associated:
    return Associated(SealPurpose.COURIER, left, peer)


def _value(head: Head) -> Value:
    reply = None if isinstance(head, Onward) else head.reply.reveal()
    return present(
        {
            "v": 1,
            "drop": head.drop if isinstance(head, Arrive) else None,
            "next": None if isinstance(head, Arrive) else _next_value(head.next),
            "work": head.work if isinstance(head, Onward) else None,
            "reply": reply,
        }
    )


def _next_value(home: Home) -> Value:
    addresses: list[Value] = list(home.addresses[:MAX_NEXT_ADDRESSES])
    return {"peer": home.peer, "addresses": addresses}


def _read(padded: bytes, left: int) -> Head:
    length = int.from_bytes(padded[:_LENGTH], "big")
    content, padding = padded[_LENGTH : _LENGTH + length], padded[_LENGTH + length :]
    if len(content) != length or padding.count(0) != len(padding):
        raise Malformed(f"{_WHAT}: its head is not padded as it should be")
    fields = Fields(decode(content, max_depth=3), _WHAT)
    fields.version()
    head = _read_own(fields) if left == 0 else _read_onward(fields)
    fields.done()
    return head


def _read_own(fields: Fields) -> Arrive:
    drop = fields.bytes_("drop", minimum=1, maximum=MAX_DROP)
    return Arrive(drop, Secret(fields.bytes_("reply", REPLY_KEY)))


def _read_onward(fields: Fields) -> Enquire | Onward:
    following = Fields(fields.map_("next"), f"{_WHAT}'s next node")
    peer = following.bytes_("peer", minimum=1, maximum=PEER)
    addresses = read_addresses(following)
    following.done()
    home, work = Home(peer, addresses), fields.optional_uint("work")
    if work is not None:
        return Onward(home, work)
    return Enquire(home, Secret(fields.bytes_("reply", REPLY_KEY)))
