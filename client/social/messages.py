"""Messages between people: signed inside, sealed outside, all of one size.

    body    = {v, type, from, head, to, id, seq, time, content, seen?, note?}
                                                                 signed by the daily key
    plain   = length (4 bytes, big-endian) | {message: envelope, chain?: [envelopes]} | zeros
    sealed  = HPKE to the recipient's sealing key, info (MESSAGE, to)         16384 bytes

The recipient stands in what is signed and in what is sealed, so a message cannot
be sealed again for somebody else. ``seq`` counts the messages of one sender to one
recipient: with it, nothing is taken twice. See docs/spec/messages.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from client.capability import CAPABILITY_SIZE, Capability
from client.recovery.notes import Note, note_value, read_note
from crypto.errors import BadKey, OpenFailed
from crypto.hpke import HPKE_OVERHEAD, PUBLIC_SIZE, SealKeyPair, seal_to
from crypto.purposes import SealPurpose, SignPurpose
from crypto.sealing import Associated
from crypto.secret import Secret
from crypto.signing import SigningKey
from formats.dag_cbor import Value, decode, encode
from formats.drop import DAY, SEALED_MESSAGE, check_sealed
from formats.envelope import Envelope
from formats.errors import Damaged, Expired, Forged, Malformed, Stale, Unfit, UnknownVersion
from formats.fields import MAX_UINT, Fields
from formats.identity import MAX_CHAIN, IdentityChain
from formats.limits import ID
from formats.names import check_account_name
from formats.sighting import Sighting
from formats.whereabouts import Home, Whereabouts, read_account_name, read_homes

PLAIN: Final = SEALED_MESSAGE - HPKE_OVERHEAD
"""Bytes inside the seal, padding and length included."""
MESSAGE_ID: Final = 16
MAX_SEQ: Final = MAX_UINT - 1
"""Highest number of a message: one more must still fit into the record that counts them."""
MAX_AHEAD: Final = DAY
"""How far a message's time may be ahead of ours, in milliseconds."""
MAX_AGE: Final = 90 * DAY
"""How long a message may have been under way when it arrived, in milliseconds."""
MAX_ADDRESSES: Final = 4
"""Addresses of a home that a message carries: whereabouts have all of them."""
MAX_WORK: Final = 32
"""Most bits of work that a message says a home asks for."""
_LENGTH: Final = 4
_WHAT: Final = "message"


class Type(StrEnum):
    """What a message is about."""

    FOLLOW = "follow"
    ACCEPT = "accept"
    CHANGED = "changed"
    GOODBYE = "goodbye"
    KIT = "kit"


@dataclass(frozen=True, slots=True)
class Introduction:
    """The content of every message so far: where and how its sender is reached, and the shares.

    ``where`` is the number of the whereabouts this is from; ``log`` the right to
    read the folder of what the sender shares with the recipient; ``follows``:
    the sender also looks at what the recipient shares; ``tokens``: the key of those that
    the recipient may write back with (``tokens.py``); ``work``: bits of work that the sender's home
    asks of who has none.
    """

    name: str
    homes: tuple[Home, ...]
    sealing: bytes
    where: int
    log: Capability
    follows: bool = False
    tokens: Secret | None = None
    work: int | None = None

    @classmethod
    def of(
        cls,
        whereabouts: Whereabouts,
        log: Capability,
        follows: bool = False,
        tokens: bytes | None = None,
        work: int | None = None,
    ) -> "Introduction":
        """From the newest whereabouts; of the homes only the home and its first addresses."""
        home = whereabouts.home
        short = Home(home.peer, home.addresses[:MAX_ADDRESSES], home.role)
        key = None if tokens is None else Secret(tokens)
        reach = (whereabouts.name, (short,), whereabouts.sealing, whereabouts.seq)
        return cls(*reach, log, follows, key, work)

    @property
    def value(self) -> Value:
        """As it stands in a message."""
        homes: list[Value] = [home.value() for home in self.homes]
        return {
            "name": check_account_name(self.name),
            "homes": homes,
            "sealing": self.sealing,
            "where": self.where,
            "log": self.log.encode(),
            **({"follows": True} if self.follows else {}),
            **({} if self.tokens is None else {"tokens": self.tokens.reveal()}),
            **({} if self.work is None else {"work": self.work}),
        }

    @classmethod
    def read(cls, value: Value) -> "Introduction":
        """From a message; raises Malformed."""
        fields = Fields(value, "introduction")
        tokens = fields.optional_bytes("tokens", 32)
        return cls(
            name=read_account_name(fields, "name"),
            homes=read_homes(fields, signed=True),
            sealing=fields.bytes_("sealing", PUBLIC_SIZE),
            where=fields.uint("where"),
            log=Capability.decode(fields.bytes_("log", CAPABILITY_SIZE)),
            follows=fields.optional_flag("follows") or False,
            tokens=None if tokens is None else Secret(tokens),
            work=fields.optional_uint("work", MAX_WORK),
        )


@dataclass(frozen=True, slots=True)
class Message:
    """One message. That it was decoded means nothing before ``verify``.

    ``chain``: the sender's identity records, where they came along. ``time`` in ms. ``seen``:
    the newest state that the sender knows of a space of the recipient's, or of their own. ``note``:
    with type KIT, what it says of a recovery kit (``client.recovery.notes``).
    """

    envelope: Envelope
    type: Type
    sender: bytes
    head: bytes
    to: bytes
    id: bytes
    seq: int
    time: int
    content: Introduction
    chain: tuple[bytes, ...] = ()
    seen: Sighting | None = None
    note: Note | None = None

    @classmethod
    def make(
        cls,
        type: Type,
        chain: IdentityChain,
        to: bytes,
        number: tuple[bytes, int, int],
        content: Introduction,
        key: SigningKey,
        says: Sighting | Note | None = None,
    ) -> "Message":
        """Sign a message; ``number`` is (id, seq, time), ``key`` the daily key of ``chain``.

        ``says``: what was seen, or, in one of type KIT, what is said of a kit. A follow request
        of somebody with one identity record carries it.
        """
        id, seq, time = number
        body: dict[str, Value] = {
            "v": 1,
            "type": str(type),
            "from": chain.id,
            "head": chain.head_hash,
            "to": to,
            "id": id,
            "seq": seq,
            "time": time,
            "content": content.value,
            "seen": says.value if isinstance(says, Sighting) else None,
            "note": None if says is None or isinstance(says, Sighting) else note_value(says),
        }
        envelope = Envelope.sign(SignPurpose.MESSAGE, body, key, keyed=False)
        along = type is Type.FOLLOW and len(chain.records) == 1
        return cls._read(envelope, chain.encoded if along else ())

    def seal(self, sealing: bytes) -> bytes:
        """Sealed to the recipient's key, 16384 bytes; raises Unfit, Damaged (not a key)."""
        content = self._inside
        if not self.fits:
            raise Unfit(f"{_WHAT}: {len(content)} bytes, at most {PLAIN - _LENGTH}")
        plain = len(content).to_bytes(_LENGTH, "big") + content
        try:
            return seal_to(sealing, plain.ljust(PLAIN, b"\0"), _info(self.to))
        except BadKey as error:
            raise Damaged("the recipient's key to seal to is none") from error

    @property
    def fits(self) -> bool:
        """Whether it is small enough to be sealed."""
        return len(self._inside) <= PLAIN - _LENGTH

    @property
    def _inside(self) -> bytes:
        value: dict[str, Value] = {"message": self.envelope.encoded}
        if self.chain:
            value["chain"] = list(self.chain)
        return encode(value)

    @classmethod
    def open(cls, sealed: bytes, pairs: Sequence[SealKeyPair], me: bytes) -> "Message":
        """Open what was left for ``me``, with any of one's keys; raises Damaged, Malformed."""
        check_sealed(sealed)
        for pair in pairs:
            try:
                return cls.decode(pair.open(sealed, _info(me)))
            except OpenFailed:
                continue
        raise Damaged("a message does not open with any of your keys")

    @classmethod
    def decode(cls, plain: bytes) -> "Message":
        """From what was inside the seal; raises Malformed, UnknownVersion. Verifies nothing."""
        length = int.from_bytes(plain[:_LENGTH], "big")
        content, padding = plain[_LENGTH : _LENGTH + length], plain[_LENGTH + length :]
        if len(plain) != PLAIN or len(content) != length or padding.count(0) != len(padding):
            raise Malformed(f"{_WHAT}: it is not padded as it should be")
        fields = Fields(decode(content), _WHAT)
        envelope = Envelope.decode(
            fields.bytes_("message", maximum=PLAIN), _WHAT, PLAIN, keyed=False
        )
        chain = [_record(each) for each in fields.optional_list("chain", MAX_CHAIN) or []]
        fields.done()
        return cls._read(envelope, tuple(chain))

    @classmethod
    def _read(cls, envelope: Envelope, chain: tuple[bytes, ...]) -> "Message":
        fields = envelope.fields(_WHAT)
        type = _read_type(fields)
        return cls(
            envelope,
            type=type,
            sender=fields.bytes_("from", ID),
            head=fields.bytes_("head", ID),
            to=fields.bytes_("to", ID),
            id=fields.bytes_("id", MESSAGE_ID),
            seq=fields.uint("seq", MAX_SEQ),
            time=fields.uint("time"),
            content=Introduction.read(fields.map_("content")),
            chain=chain,
            seen=_read_seen(fields),
            note=read_note(fields.map_("note")) if type is Type.KIT else None,
        )

    def verify(self, chain: IdentityChain, me: bytes, now: int, arrived: int) -> None:
        """Return if ``chain`` says this, to ``me``, about now.

        Raises Forged (another sender or recipient, not signed by the daily key in
        force, or telling of a space that is neither's), Stale (signed under an older
        identity record), Expired (from long ago, or from the future).
        """
        if self.to != me:
            raise Forged(f"{_WHAT}: it was written to somebody else")
        if self.sender != chain.id:
            raise Forged(f"{_WHAT}: it is another sender's")
        if self.head != chain.head_hash:
            raise Stale(f"{_WHAT}: written under another identity record than the newest")
        self.envelope.verify(SignPurpose.MESSAGE, chain.daily, _WHAT)
        if self.content.log.owner != self.sender:
            raise Forged(f"{_WHAT}: it offers what belongs to somebody else")
        if self.seen is not None:
            if self.seen.pointer.owner not in (self.sender, me):
                raise Forged(f"{_WHAT}: it tells of a space that is neither's")
            self.seen.verify_signature()
        if self.time > now + MAX_AHEAD or self.time < min(arrived, now) - MAX_AGE:
            raise Expired(f"{_WHAT}: its date is far from today's", hint=_CLOCKS)


_CLOCKS: Final = "check the clocks of both machines and send it again"


def _info(to: bytes) -> Associated:
    return Associated(SealPurpose.MESSAGE, to)


def _record(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise Malformed(f"{_WHAT}: an identity record is not bytes")
    return value


def _read_seen(fields: Fields) -> Sighting | None:
    found = fields.optional_map("seen")
    return None if found is None else Sighting.read(found)


def _read_type(fields: Fields) -> Type:
    text = fields.text("type", 16)
    if text not in list(Type):
        raise UnknownVersion(f"{_WHAT}: of a type this version does not know")
    return Type(text)
