"""Farewells: an identity says that it has no account at a node any more; and the node's receipt.

    farewell = {v, id, identity_seq, identity_hash, seq, home, time}
    receipt  = {v, peer, id, farewell, time, spaces: [{space, seq, pointer}], stored, messages,
                rests}

A farewell is signed by the daily key, purpose "farewell". Its ``seq`` counts with those of the
identity's whereabouts: it ends all that name ``home`` with a lower number, and whereabouts with
a higher one go on after it. It says nothing of any other node.

A receipt is signed by the node's own key, purpose "receipt". It is the node's word of what it
had of the account and holds no more; that it kept no copy is nothing that can be shown.
"""

from dataclasses import dataclass
from typing import Final

from crypto.errors import BadSignature
from crypto.purposes import SignPurpose
from crypto.signing import LOCK_SIGNATURE_SIZE, LockKey, SigningKey, verify_lock
from formats.dag_cbor import Value, decode, encode
from formats.envelope import Envelope
from formats.errors import Forged, Malformed
from formats.fields import Fields, entries
from formats.identity import IdentityChain
from formats.limits import ID, PEER, PEER_ID_PREFIX
from formats.own_word import OwnWord
from formats.whereabouts import Whereabouts

MAX_FAREWELL_BODY: Final = 1024
MAX_RECEIPT: Final = 64 * 1024
MAX_LISTED: Final = 256
"""Spaces that a receipt lists."""

_WHAT: Final = "farewell"
_RECEIPT: Final = "receipt"


@dataclass(frozen=True, slots=True)
class Farewell(OwnWord):
    """That the identity has no account at the node ``home`` from ``time`` (ms, its own) on."""

    home: bytes
    time: int

    @classmethod
    def make(
        cls, chain: IdentityChain, seq: int, home: bytes, time: int, key: SigningKey
    ) -> "Farewell":
        """Sign one with ``key``, the secret half of ``chain.daily``."""
        body: dict[str, Value] = {**cls.beginning(chain, seq), "home": home, "time": time}
        return cls._read(Envelope.sign(SignPurpose.FAREWELL, body, key, keyed=False))

    @classmethod
    def decode(cls, data: bytes) -> "Farewell":
        """Read one from its envelope; raises Malformed or UnknownVersion. Verifies nothing."""
        return cls._read(Envelope.decode(data, _WHAT, MAX_FAREWELL_BODY, keyed=False))

    @classmethod
    def _read(cls, envelope: Envelope) -> "Farewell":
        fields = envelope.fields(_WHAT)
        return cls(
            envelope,
            id=fields.bytes_("id", ID),
            identity_seq=fields.uint("identity_seq"),
            identity_hash=fields.bytes_("identity_hash", ID),
            seq=fields.uint("seq"),
            home=fields.bytes_("home", minimum=1, maximum=PEER),
            time=fields.uint("time"),
        )

    def verify(self, chain: IdentityChain) -> None:
        """Return if the identity's newest record stands behind it; raises Forged, Stale, Forked."""
        self.check_said(SignPurpose.FAREWELL, chain, _WHAT)

    def ends(self, known: Whereabouts) -> bool:
        """Whether these whereabouts are over by it."""
        return known.home.peer == self.home and known.seq < self.seq


@dataclass(frozen=True, slots=True)
class Held:
    """A space that the node had: its newest state, by number and hash of its pointer."""

    space: bytes
    seq: int
    pointer: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a node had of an account and holds no more. Times in its milliseconds.

    ``farewell``: the hash of what the owner signed. ``spaces``: up to ``MAX_LISTED`` of them.
    ``stored``: bytes, with what was being uploaded; ``messages``: that waited. ``rests``:
    seconds after which blocks that nobody else holds leave its disk.
    """

    peer: bytes
    id: bytes
    farewell: bytes
    time: int
    spaces: tuple[Held, ...]
    stored: int
    messages: int
    rests: int

    def sign(self, key: LockKey) -> bytes:
        """As it travels; ``key`` is the node's own."""
        body = encode(self._body)
        return encode({"body": body, "signature": key.sign(SignPurpose.RECEIPT, body)})

    @classmethod
    def read(cls, data: bytes, peer: bytes, farewell: Farewell) -> "Receipt":
        """A receipt of the node ``peer`` for this farewell; raises Malformed, Forged."""
        found = cls.decode(data)
        _verify(peer, data)
        if (found.peer, found.id, found.farewell) != (peer, farewell.id, farewell.hash):
            raise Forged(f"{_RECEIPT}: it is for something else")
        return found

    @classmethod
    def decode(cls, data: bytes) -> "Receipt":
        """What it says, whoever signed it; raises Malformed, UnknownVersion."""
        return cls.read_body(_opened(data)[0])

    @classmethod
    def read_body(cls, body: bytes) -> "Receipt":
        """The same of its signed bytes alone."""
        fields = Fields(decode(body), _RECEIPT)
        fields.version()
        spaces = entries(fields.list_("spaces", MAX_LISTED), f"{_RECEIPT} space")
        found = cls(
            peer=fields.bytes_("peer", minimum=1, maximum=PEER),
            id=fields.bytes_("id", ID),
            farewell=fields.bytes_("farewell", ID),
            time=fields.uint("time"),
            spaces=tuple(
                Held(each.bytes_("space", ID), each.uint("seq"), each.bytes_("pointer", ID))
                for each in spaces
            ),
            stored=fields.uint("stored"),
            messages=fields.uint("messages"),
            rests=fields.uint("rests"),
        )
        if len({each.space for each in found.spaces}) != len(found.spaces):
            raise Malformed(f"{_RECEIPT}: a space is listed twice")
        return found

    @property
    def _body(self) -> dict[str, Value]:
        spaces: list[Value] = [
            {"space": each.space, "seq": each.seq, "pointer": each.pointer} for each in self.spaces
        ]
        return {
            "v": 1,
            "peer": self.peer,
            "id": self.id,
            "farewell": self.farewell,
            "time": self.time,
            "spaces": spaces,
            "stored": self.stored,
            "messages": self.messages,
            "rests": self.rests,
        }


def _opened(data: bytes) -> tuple[bytes, bytes]:
    """The signed bytes and the signature."""
    if len(data) > MAX_RECEIPT:
        raise Malformed(f"{_RECEIPT}: {len(data)} bytes, at most {MAX_RECEIPT}")
    around = Fields(decode(data, max_depth=1), _RECEIPT)
    body = around.bytes_("body", maximum=MAX_RECEIPT)
    signature = around.bytes_("signature", LOCK_SIGNATURE_SIZE)
    around.done()
    return body, signature


def _verify(peer: bytes, data: bytes) -> None:
    body, signature = _opened(data)
    if not peer.startswith(PEER_ID_PREFIX):
        raise Forged(f"{_RECEIPT}: that peer id is of no key that signs")
    try:
        verify_lock(peer[len(PEER_ID_PREFIX) :], SignPurpose.RECEIPT, body, signature)
    except BadSignature:
        raise Forged(f"{_RECEIPT}: that node did not sign it") from None
