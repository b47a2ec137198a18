"""What somebody and those who keep a share of their kit tell each other, within messages.

    give   {set, made, nonce, sealed}    keep this for me
    ended  {set, made}                   it opens nothing any more
    ask    {set, nonce}                  do you have it still?
    kept   {set, proof}                  I have it, and this shows it
    gone   {set}                         I do not have it

``set`` names a splitting, ``made`` (ms) tells which of two is newer. What is sealed in a ``give``
was sealed to its keeper when the kit was split: while it waits to be sent, not even the keys of
who gives open it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from crypto.errors import BadKey, BadShare, OpenFailed
from crypto.hpke import HPKE_OVERHEAD, SealKeyPair, seal_to
from crypto.purposes import SealPurpose
from crypto.sealing import Associated
from crypto.threshold import MOST, Share
from formats.dag_cbor import Value, decode, encode
from formats.errors import Damaged, Malformed, UnknownVersion
from formats.fields import Fields
from formats.limits import ID
from formats.whereabouts import Home, read_homes

SET: Final = 16
NONCE: Final = 16
PROOF: Final = 32
MAX_SHARE: Final = 400
"""Characters of a share's words."""
MAX_PARCEL: Final = 4096
"""Bytes of what is sealed in a ``give``."""
AHEAD: Final = 3600 * 1000
"""Milliseconds that a clock may be ahead of ours; what was made later than that, was made now."""
_WHAT: Final = "note about a kit"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a keeper keeps: a share, one of ``count``; the root space, and nodes with the data."""

    share: Share
    count: int
    space: bytes
    homes: tuple[Home, ...]

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept, and sealed."""
        homes: list[Value] = [home.value() for home in self.homes]
        share, count, space = self.share.words, self.count, self.space
        return {"share": share, "count": count, "space": space, "homes": homes}

    @classmethod
    def read(cls, fields: Fields) -> "Parcel":
        """As it was; raises Malformed."""
        try:
            share = Share.read(fields.text("share", MAX_SHARE))
        except BadShare:
            raise Malformed(f"{_WHAT}: that is no share") from None
        count, space = fields.uint("count", MOST), fields.bytes_("space", ID)
        if count < share.needed:
            raise Malformed(f"{_WHAT}: more shares are needed than there are")
        return cls(share, count, space, read_homes(fields, signed=True))

    def seal(self, public: bytes, whose: bytes, keeper: bytes, set: bytes) -> bytes:
        """For the keeper alone; raises Damaged (not a key)."""
        try:
            return seal_to(public, encode({"v": 1, **self.value}), _info(whose, keeper, set))
        except BadKey as error:
            raise Damaged("the keeper's key to seal to is none") from error

    @classmethod
    def open(
        cls, sealed: bytes, pairs: Sequence[SealKeyPair], whose: bytes, keeper: bytes, set: bytes
    ) -> "Parcel":
        """With any of the keeper's keys; raises Damaged, Malformed, UnknownVersion."""
        for pair in pairs:
            try:
                plain = pair.open(sealed, _info(whose, keeper, set))
            except OpenFailed:
                continue
            fields = Fields(decode(plain), _WHAT)
            fields.version()
            return cls.read(fields)
        raise Damaged("the share does not open with any of your keys")


@dataclass(frozen=True, slots=True)
class Give:
    """Keep this for me; and show with ``nonce`` that it is there."""

    what: ClassVar = "give"
    set: bytes
    made: int
    nonce: bytes
    sealed: bytes

    @property
    def fields(self) -> dict[str, Value]:
        """Beside the name of the set."""
        return {"made": self.made, "nonce": self.nonce, "sealed": self.sealed}


@dataclass(frozen=True, slots=True)
class Ended:
    """What you keep of that set opens nothing any more."""

    what: ClassVar = "ended"
    set: bytes
    made: int

    @property
    def fields(self) -> dict[str, Value]:
        """Beside the name of the set."""
        return {"made": self.made}


@dataclass(frozen=True, slots=True)
class Ask:
    """Show that you have it still."""

    what: ClassVar = "ask"
    set: bytes
    nonce: bytes

    @property
    def fields(self) -> dict[str, Value]:
        """Beside the name of the set."""
        return {"nonce": self.nonce}


@dataclass(frozen=True, slots=True)
class Kept:
    """I have it, which ``proof`` shows (``crypto.threshold.shown``)."""

    what: ClassVar = "kept"
    set: bytes
    proof: bytes

    @property
    def fields(self) -> dict[str, Value]:
        """Beside the name of the set."""
        return {"proof": self.proof}


@dataclass(frozen=True, slots=True)
class Gone:
    """I do not have it, or it does not open."""

    what: ClassVar = "gone"
    set: bytes

    @property
    def fields(self) -> dict[str, Value]:
        """Beside the name of the set."""
        return {}


Note = Give | Ended | Ask | Kept | Gone

REPLACES: Final[dict[str, frozenset[str]]] = {
    "give": frozenset({"give", "ended", "ask"}),
    "ended": frozenset({"give", "ended", "ask"}),
    "ask": frozenset({"ask"}),
    "kept": frozenset({"kept", "gone"}),
    "gone": frozenset({"kept", "gone"}),
}
"""Which notes that wait for the same person are needless then."""


def made_by(made: int, now: int) -> int:
    """When a set was made, as it counts: no time to come keeps out what is given after it."""
    return made if made <= now + AHEAD else now


def note_value(note: Note) -> dict[str, Value]:
    """As it stands in a message."""
    return {"what": note.what, "set": note.set, **note.fields}


def read_note(value: Value) -> Note:
    """From a message; raises Malformed, UnknownVersion (of a kind this version does not know)."""
    fields = Fields(value, _WHAT)
    what, set = fields.text("what", 16), fields.bytes_("set", SET)
    match what:
        case "give":
            made, nonce = fields.uint("made"), fields.bytes_("nonce", NONCE)
            sealed = fields.bytes_("sealed", minimum=HPKE_OVERHEAD, maximum=MAX_PARCEL)
            return Give(set, made, nonce, sealed)
        case "ended":
            return Ended(set, fields.uint("made"))
        case "ask":
            return Ask(set, fields.bytes_("nonce", NONCE))
        case "kept":
            return Kept(set, fields.bytes_("proof", PROOF))
        case "gone":
            return Gone(set)
    raise UnknownVersion(f"{_WHAT}: of a kind this version does not know")


def _info(whose: bytes, keeper: bytes, set: bytes) -> Associated:
    return Associated(SealPurpose.SHARE, whose, keeper, set)
