"""The records at the beginning of a file: whose account it is, and where each of its spaces was.

    manifest = {v, made, chain: [CID], whereabouts: CID, sign_in: CID,
                spaces: [{space, pointer: CID, record: CID}]}

The records follow it, one block each, in that order. The root space is the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from client.identity.whereabouts import ALSO_EXPIRED
from formats.cid import Block, Cid
from formats.dag_cbor import Value, decode, encode
from formats.errors import Forged, Malformed
from formats.fields import Fields, entries
from formats.identity import IdentityChain
from formats.limits import ID
from formats.pointer import Pointer
from formats.sign_in import SignInRecord
from formats.space import SpaceRecord
from formats.whereabouts import Whereabouts
from protocols.directory import MAX_CHAIN
from protocols.replicas import MAX_SPACES

_WHAT: Final = "list of what is in the file"
_OTHERS: Final = 2
"""Whereabouts and the sign-in record."""


@dataclass(frozen=True, slots=True)
class At:
    """Where a space was: its newest pointer, and the record it was made under."""

    pointer: Pointer
    record: SpaceRecord

    @property
    def space(self) -> bytes:
        """The space's id."""
        return self.record.space


@dataclass(frozen=True, slots=True)
class Manifest:
    """All records of an account at one time (``made``, ms)."""

    made: int
    chain: IdentityChain
    whereabouts: Whereabouts
    sign_in: SignInRecord
    spaces: tuple[At, ...]

    @property
    def blocks(self) -> list[Block]:
        """The manifest and the records that it names, in their order."""
        records = [Block.cbor(each) for each in self._records()]
        named: list[Value] = [block.cid for block in records]
        chain, others = len(self.chain.encoded), len(self.chain.encoded) + _OTHERS
        spaces: list[Value] = [
            {"space": each.space, "pointer": pointer, "record": record}
            for each, pointer, record in zip(
                self.spaces, named[others::2], named[others + 1 :: 2], strict=True
            )
        ]
        value: dict[str, Value] = {
            "v": 1,
            "made": self.made,
            "chain": named[:chain],
            "whereabouts": named[chain],
            "sign_in": named[chain + 1],
            "spaces": spaces,
        }
        return [Block.cbor(encode(value)), *records]

    def _records(self) -> list[bytes]:
        spaces = [each for at in self.spaces for each in (at.pointer.encoded, at.record.encoded)]
        return [*self.chain.encoded, self.whereabouts.encoded, self.sign_in.encoded, *spaces]


@dataclass(frozen=True, slots=True)
class Listed:
    """A manifest that was read, before its records were."""

    made: int
    chain: tuple[Cid, ...]
    others: tuple[Cid, Cid]
    spaces: tuple[tuple[bytes, Cid, Cid], ...]

    @classmethod
    def read(cls, data: bytes) -> "Listed":
        """Read a manifest; raises Malformed, UnknownVersion."""
        fields = Fields(decode(data, max_depth=3), _WHAT)
        fields.version()
        spaces = entries(fields.list_("spaces", MAX_SPACES), _WHAT)
        listed = cls(
            made=fields.uint("made"),
            chain=tuple(map(_cid, fields.list_("chain", MAX_CHAIN))),
            others=(fields.cid("whereabouts"), fields.cid("sign_in")),
            spaces=tuple(
                (each.bytes_("space", ID), each.cid("pointer"), each.cid("record"))
                for each in spaces
            ),
        )
        for each in (*spaces, fields):
            each.done()
        if not listed.chain or not listed.spaces:
            raise Malformed(f"{_WHAT}: nobody's account")
        if len({space for space, _, _ in listed.spaces}) < len(listed.spaces):
            raise Malformed(f"{_WHAT}: a space is listed twice")
        return listed

    @property
    def records(self) -> list[Cid]:
        """The records that follow, in their order."""
        spaces = [cid for _, pointer, record in self.spaces for cid in (pointer, record)]
        return [*self.chain, *self.others, *spaces]

    def verified(self, records: Sequence[bytes]) -> Manifest:
        """The records, held against each other and their signatures.

        Raises Forged, Stale, Forked, Malformed.
        """
        count = len(self.chain)
        chain = IdentityChain.decode(records[:count])
        whereabouts = Whereabouts.decode(records[count])
        whereabouts.verify(chain, ALSO_EXPIRED)
        sign_in = SignInRecord.decode(records[count + 1])
        if (sign_in.id, sign_in.name) != (chain.id, whereabouts.name):
            raise Forged("the sign-in record in the file is of another account")
        rest = records[count + _OTHERS :]
        spaces = zip(self.spaces, rest[::2], rest[1::2], strict=True)
        found = tuple(_at(chain, id, *each) for (id, _, _), *each in spaces)
        return Manifest(self.made, chain, whereabouts, sign_in, found)


def _at(chain: IdentityChain, space: bytes, pointer: bytes, record: bytes) -> At:
    at = At(Pointer.decode(pointer), SpaceRecord.decode(record))
    if (at.record.owner, at.record.space) != (chain.id, space):
        raise Forged("the file has a space of somebody else")
    at.record.verify(chain)
    at.pointer.verify(at.record)
    return at


def _cid(value: Value) -> Cid:
    if not isinstance(value, Cid):
        raise Malformed(f"{_WHAT}: not a link")
    return value
