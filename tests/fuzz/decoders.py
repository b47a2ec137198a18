"""Every decoder of ``formats``, ``client`` and ``crypto``: bytes that are nearly right, or not.

What is right comes from ``tests/vectors``. Whatever is made of it, a decoder gives a value
that is written again as the very same bytes, or one of our errors; nothing else.
"""

import json
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any, Final

import trio

from client.archive.manifest import Listed
from client.capability import Capability
from client.drive.header import decode_header
from client.feed.answers import Answer, Gathered
from client.feed.index import Index
from client.feed.items import Post
from client.recovery.content import PLAIN as KIT_PLAIN
from client.recovery.content import KitContent
from client.recovery.notes import Note, Parcel, read_note
from client.recovery.words import RecoveryKit
from client.social.messages import PLAIN, Message
from crypto.errors import CryptoError
from crypto.signing import VerifyKey
from crypto.threshold import Share
from formats import car, dag_cbor
from formats.archive import ArchiveHead
from formats.card import Card
from formats.cid import Cid
from formats.commit import Commit
from formats.drop import Drop, TokenGrant
from formats.errors import HoldfastError
from formats.factors import Factors
from formats.farewell import Farewell, Receipt
from formats.fields import Fields
from formats.fork import ForkProof
from formats.handle import parse_handle
from formats.identity import IdentityRecord
from formats.invite import Invite
from formats.kit import KitText
from formats.leaf import Leaf
from formats.pointer import Pointer
from formats.profile import PublicProfile
from formats.published import Published
from formats.read_proof import ReadProof
from formats.replica import ReplicaGrant
from formats.retired import Marker
from formats.root import Root
from formats.sign_in import SignInRecord
from formats.space import SpaceRecord
from formats.statement import Hello, Statement
from formats.tree.node import Node
from formats.whereabouts import Whereabouts
from tests.fuzz.doors import Load
from tests.fuzz.mutations import Frames
from tests.records.people import digest

VECTORS: Final = Path(__file__).resolve().parents[1] / "vectors"
CORPUS: Final = Path(__file__).with_name("corpus")
MOST: Final = 40
"""Right values of a format that mutations begin with."""

Decode = Callable[[bytes], Any]

KIT_ID: Final = digest("alice id")


@dataclass(frozen=True, slots=True)
class Decoder:
    """One format: how it is read, and where right values of it stand."""

    name: str
    decode: Decode
    vectors: str = "dag_cbor"
    again: Callable[[Any], bytes] | None = None
    """Writes a value that was read; None where other bytes may mean the same."""


def _text(parse: Callable[[str], Any]) -> Decode:
    return lambda data: parse(data.decode("utf-8", "replace"))


def _message(content: bytes) -> Message:
    """As it is inside the seal: what is padded is mutated before."""
    plain = len(content).to_bytes(4, "big") + content
    return Message.decode(plain.ljust(PLAIN, b"\0"))


def _kit_content(content: bytes) -> KitContent:
    """As it is inside the seal, of somebody whose id is in the vectors."""
    plain = (len(content) % 2**16).to_bytes(2, "big") + content
    return KitContent.read(plain.ljust(KIT_PLAIN, b"\0"), KIT_ID)


def _note(data: bytes) -> Note:
    """As it stands in a message."""
    return read_note(dag_cbor.decode(data))


def _parcel(data: bytes) -> Parcel:
    """As it is sealed in a note."""
    return Parcel.read(Fields(dag_cbor.decode(data), "share"))


def _car(data: bytes) -> list[tuple[Cid, bytes]]:
    """A whole file: its root, then every block of it."""
    source = BytesIO(data)
    found = [(car.read_header(source), b"")]
    while (each := car.read_section(source)) is not None:
        found.append(each)
    return found


def _car_again(found: list[tuple[Cid, bytes]]) -> bytes:
    (root, _), *sections = found
    return car.header(root) + b"".join(car.section(*each) for each in sections)


def _encoded(value: Any) -> bytes:
    data: bytes = value.encoded
    return data


DECODERS: Final[tuple[Decoder, ...]] = (
    Decoder("dag_cbor", dag_cbor.decode, "dag_cbor", dag_cbor.encode),
    Decoder("identity record", IdentityRecord.decode, "identity", _encoded),
    Decoder("whereabouts", Whereabouts.decode, "whereabouts", _encoded),
    Decoder("space record", SpaceRecord.decode, "space", _encoded),
    Decoder("pointer", Pointer.decode, "pointer", _encoded),
    Decoder("replica grant", ReplicaGrant.decode, "replica", _encoded),
    Decoder("farewell", Farewell.decode, "farewell", _encoded),
    Decoder("receipt", Receipt.decode, "farewell"),
    Decoder("public profile", PublicProfile.decode, "profile", _encoded),
    Decoder("second factors", Factors.decode, "factors", _encoded),
    Decoder("proof of a fork", ForkProof.decode, "fork", _encoded),
    Decoder("commit", Commit.decode, "commit", _encoded),
    Decoder("root", Root.decode, "root"),
    Decoder("leaf", Leaf.decode, "leaf"),
    Decoder("retired marker", Marker.decode, "retired"),
    Decoder("tree root", partial(Node.decode, root=True), "tree"),
    Decoder("tree node", partial(Node.decode, root=False), "tree"),
    Decoder("read proof", ReadProof.decode, "read_proof", _encoded),
    Decoder("statement", Statement.decode, "statement"),
    Decoder("hello statement", Hello.decode, "statement"),
    Decoder("sign-in record", SignInRecord.decode, "sign_in", _encoded),
    Decoder("archive head", ArchiveHead.decode, "archive", lambda head: head.block.data),
    Decoder("records of an archive", Listed.read, "archive"),
    Decoder("car file", _car, "archive", _car_again),
    Decoder("drop", Drop.decode, "drop", _encoded),
    Decoder("token grant", TokenGrant.decode, "drop"),
    Decoder("published person", Published.decode, "published"),
    Decoder("verify key", VerifyKey.decode, "identity"),
    Decoder("cid", Cid, "cid", bytes),
    Decoder("cid as text", _text(Cid.parse), "cid"),
    Decoder("card", _text(Card.parse), "card"),
    Decoder("invite", _text(Invite.parse), "invite"),
    Decoder("recovery kit", _text(KitText.parse), "kit"),
    Decoder("words of a kit", _text(RecoveryKit.read), "recovery"),
    Decoder("share of a kit", _text(Share.read), "recovery"),
    Decoder("what a kit opens", _kit_content, "recovery"),
    Decoder("note about a kit", _note, "recovery"),
    Decoder("kept share of a kit", _parcel, "recovery"),
    Decoder("handle", _text(parse_handle), "handle"),
    Decoder("capability", Capability.decode, "drive"),
    Decoder("file header", decode_header, "drive"),
    Decoder("message", _message, "statement"),  # whole ones are in the corpus
    Decoder("post", Post.decode, "feed"),
    Decoder("answer to a post", Answer.decode, "feed"),
    Decoder("answers of a post", Gathered.decode, "feed"),
    Decoder("list of posts", Index.decode, "feed"),
)


def file_of(decoder: Decoder) -> Path:
    """Where its inputs are kept."""
    return CORPUS / f"{decoder.name.replace(' ', '-')}.txt"


def kept(decoder: Decoder) -> list[bytes]:
    """The inputs that are kept for it (``corpus.py``)."""
    file = file_of(decoder)
    return [b64decode(line) for line in file.read_text().splitlines()] if file.exists() else []


def seeds(folder: str) -> list[bytes]:
    """The bytes and texts that stand in the vectors of a format."""
    found: dict[bytes, None] = {}
    for file in sorted((VECTORS / folder).glob("*.json")):
        for each in _leaves(json.loads(file.read_text())):
            try:
                data = bytes.fromhex(each)
            except ValueError:
                data = each.encode("utf-8", "replace")
            if data:
                found[data] = None
    kept = sorted(found, key=len, reverse=True)
    return kept[:: max(1, len(kept) // MOST)]


def _leaves(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else ():
        yield from _leaves(each)
    for each in value if isinstance(value, list) else ():
        yield from _leaves(each)


class Inputs:
    """Endless inputs for one decoder."""

    def __init__(self, decoder: Decoder, random: Random) -> None:
        self._random = random
        self._frames = Frames("blocks", random, [])
        self._seeds: Sequence[bytes] = [*seeds(decoder.vectors), *filter(None, kept(decoder))]

    def next(self) -> bytes:
        """The next one: a right value with something wrong at any level."""
        data = self._random.choice(self._seeds)
        if self._random.random() < 0.5:
            data = self._restructured(data)
        for _ in range(self._random.choice((0, 1, 1, 3))):
            data = self._frames.spoilt(data) if data else data
        return data

    def _restructured(self, data: bytes) -> bytes:
        """The same with another structure, where it has one."""
        try:
            return self._frames.rewritten(dag_cbor.decode(data))
        except HoldfastError:
            return data


def judge(decoder: Decoder, data: bytes) -> bool:
    """Whether it was read; raises what is none of our errors, and AssertionError if it lies."""
    try:
        value = decoder.decode(data)
    except (HoldfastError, CryptoError):
        return False
    if decoder.again is not None:
        assert decoder.again(value) == data, f"{decoder.name}: two ways to write one value"
    return True


@asynccontextmanager
async def decoders_under_fire(random: Random) -> AsyncIterator[Load]:
    """All decoders in turn, for ``campaign.fire``."""
    inputs = [(each, Inputs(each, random)) for each in DECODERS]
    turn = 0

    def load() -> Callable[[], Awaitable[None]]:
        nonlocal turn
        decoder, source = inputs[turn % len(inputs)]
        turn += 1
        return partial(shoot, decoder, source.next())

    async def shoot(decoder: Decoder, data: bytes) -> None:
        await trio.lowlevel.checkpoint()
        judge(decoder, data)

    yield load
