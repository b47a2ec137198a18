"""Answers: comments and reactions, signed by whoever answers.

    body = {v, kind, from, head, to, post, under, id, seq, time, text?}    signed by the daily key

``to`` is the author of the post; who sees it is theirs to say, so they gather the answers that
they take in beside it. Readers who never heard of the one who answered check the signature by
the identity records that lie beside it: nobody can put words into another's mouth.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from client.feed.items import ITEM, MAX_COMMENT, MAX_REACTION, clean
from crypto.hashing import sha256
from crypto.purposes import SignPurpose
from crypto.signing import SigningKey
from formats.dag_cbor import Value, decode, encode
from formats.envelope import ENVELOPE_OVERHEAD, Envelope, SignedRecord
from formats.errors import Forged, Malformed, Stale, UnknownVersion
from formats.fields import Fields
from formats.identity import MAX_CHAIN, IdentityChain
from formats.limits import ID, KIB
from formats.names import check_account_name
from formats.whereabouts import read_account_name

MAX_BODY: Final = 5 * KIB
MAX_OF_A_POST: Final = 512
"""Answers to one post that are taken in."""
MAX_EDITS: Final = 2**16
"""Highest number of a version of an answer."""
_WHAT: Final = "answer"


class Kind(StrEnum):
    """What an answer is. ``GONE``: whoever wrote it took it back."""

    COMMENT = "comment"
    REACTION = "reaction"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Answer(SignedRecord):
    """An answer. That it was decoded means nothing before ``verify``.

    ``under``: the post, or the comment that it answers. ``seq``: which version of it.
    """

    kind: Kind
    sender: bytes
    head: bytes
    to: bytes
    post: bytes
    under: bytes
    id: bytes
    seq: int
    time: int
    text: str = ""

    @classmethod
    def make(
        cls,
        kind: Kind,
        chain: IdentityChain,
        about: tuple[bytes, bytes, bytes],
        number: tuple[bytes, int, int],
        text: str,
        key: SigningKey,
    ) -> "Answer":
        """Sign one. ``about`` is (author, post, under), ``number`` is (id, seq, time)."""
        to, post, under = about
        id, seq, time = number
        body: dict[str, Value] = {
            "v": 1,
            "kind": str(kind),
            "from": chain.id,
            "head": chain.head_hash,
            "to": to,
            "post": post,
            "under": under,
            "id": id,
            "seq": seq,
            "time": time,
            "text": text or None,
        }
        return cls._read(Envelope.sign(SignPurpose.ANSWER, body, key, keyed=False))

    @classmethod
    def decode(cls, data: bytes) -> "Answer":
        """From its file; raises Malformed, UnknownVersion. Verifies nothing."""
        return cls._read(Envelope.decode(data, _WHAT, MAX_BODY, keyed=False))

    @classmethod
    def _read(cls, envelope: Envelope) -> "Answer":
        fields = envelope.fields(_WHAT)
        kind = _read_kind(fields)
        return cls(
            envelope,
            kind,
            sender=fields.bytes_("from", ID),
            head=fields.bytes_("head", ID),
            to=fields.bytes_("to", ID),
            post=fields.bytes_("post", ITEM),
            under=fields.bytes_("under", ITEM),
            id=fields.bytes_("id", ITEM),
            seq=fields.uint("seq", MAX_EDITS),
            time=fields.uint("time"),
            text="" if kind is Kind.GONE else _read_text(fields, kind),
        )

    def verify(self, chain: IdentityChain) -> None:
        """Return if whoever ``chain`` is says this; raises Forged, Stale (not under its newest).

        Whoever gathers goes by the newest records that they know, and keeps those beside it;
        a reader goes by these.
        """
        if self.sender != chain.id:
            raise Forged(f"{_WHAT}: it is somebody else's")
        if self.head != chain.head_hash:
            raise Stale(f"{_WHAT}: made under another identity record than the newest")
        self.envelope.verify(SignPurpose.ANSWER, chain.daily, _WHAT)


@dataclass(frozen=True, slots=True)
class Gathered:
    """An answer that an author took in. ``first``: when (ms); ``name``: what its writer is called.

    ``records``: the identity under which it was signed. ``removed``: the author took it away;
    then there is nothing else.
    """

    answer: Answer | None
    first: int
    name: str = ""
    records: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def removed(self) -> bool:
        """Whether the author took it away."""
        return self.answer is None

    @property
    def encoded(self) -> bytes:
        """The content of its file."""
        value: dict[str, Value] = {"v": 1, "first": self.first}
        if self.answer is not None:
            value |= {"answer": self.answer.encoded, "name": check_account_name(self.name)}
            value["chain"] = list(self.records)
        return encode(value)

    @classmethod
    def decode(cls, data: bytes) -> "Gathered":
        """From its file; raises Malformed, UnknownVersion. Verifies nothing."""
        fields = Fields(decode(data), _WHAT)
        fields.version()
        first = fields.uint("first")
        answer = fields.optional_bytes("answer", maximum=MAX_BODY + ENVELOPE_OVERHEAD)
        if answer is None:
            return cls(None, first)
        name = read_account_name(fields, "name")
        records = fields.list_("chain", MAX_CHAIN)
        kept = tuple(each for each in records if isinstance(each, bytes))
        if len(kept) != len(records):
            raise Malformed(f"{_WHAT}: an identity record is not bytes")
        return cls(Answer.decode(answer), first, name, kept)


def reaction_id(sender: bytes, under: bytes) -> bytes:
    """The id of somebody's reaction: one to each thing, so that a further one takes its place."""
    return sha256(b"reaction\0" + sender + under)[:ITEM]


def _read_kind(fields: Fields) -> Kind:
    kind = fields.text("kind", 16)
    if kind not in list(Kind):
        raise UnknownVersion(f"{_WHAT}: of a kind this version does not know")
    return Kind(kind)


def _read_text(fields: Fields, kind: Kind) -> str:
    text = fields.text("text", MAX_COMMENT if kind is Kind.COMMENT else MAX_REACTION)
    if not text.strip():
        raise Malformed(f"{_WHAT}: it says nothing")
    return clean(text)
