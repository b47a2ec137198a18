"""Proof that one space has two histories: two pointers, each validly signed, of two lines.

    proof = {v, chain: [identity records], newer: sighting, older: sighting, between: [bodies]}

``between`` leads from the newer pointer back to the number of the older one, and to another
hash there. ``older`` has no record when it was made under the same as ``newer``. Anybody can
check it, with nothing else at hand. See docs/spec/fork.md for what it proves, and what not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from formats.dag_cbor import Value, decode, encode
from formats.errors import Forged, Forked, Malformed, TooLarge
from formats.fields import Fields
from formats.identity import MAX_CHAIN, IdentityChain
from formats.limits import KIB
from formats.pointer import MAX_ANCESTRY, MAX_POINTER_BODY
from formats.sighting import Sighting
from formats.space import Rights, SpaceRecord

MAX_PROOF: Final = 60 * KIB
"""Bytes of a proof: some 27 kB with one identity record, 7.5 kB more for each further one."""
_WHAT: Final = "proof of two histories"


@dataclass(frozen=True, slots=True)
class ForkProof:
    """Two signed states, and the way from the newer one back. Believed after ``verify``."""

    chain: tuple[bytes, ...]
    newer: Sighting
    older: Sighting
    between: tuple[bytes, ...]

    @classmethod
    def of(
        cls, chain: IdentityChain, newer: Sighting, older: Sighting, between: Sequence[bytes]
    ) -> "ForkProof":
        """Of two states with their records; nothing is checked."""
        shared = older.pointer.authority == newer.pointer.authority
        old = older.without_record() if shared else older
        return cls(chain.encoded, newer, old, tuple(between))

    @property
    def encoded(self) -> bytes:
        """As it is kept and handed on; raises TooLarge."""
        chain: list[Value] = [*self.chain]
        between: list[Value] = [*self.between]
        data = encode(
            {
                "v": 1,
                "chain": chain,
                "newer": self.newer.value,
                "older": self.older.value,
                "between": between,
            }
        )
        if len(data) > MAX_PROOF:
            raise TooLarge(f"{_WHAT}: {len(data)} bytes, at most {MAX_PROOF}")
        return data

    @classmethod
    def decode(cls, data: bytes) -> "ForkProof":
        """Read one; raises Malformed, UnknownVersion. Verifies nothing."""
        if len(data) > MAX_PROOF:
            raise Malformed(f"{_WHAT}: {len(data)} bytes, at most {MAX_PROOF}")
        fields = Fields(decode(data), _WHAT)
        fields.version()
        chain = [_bytes(each, MAX_PROOF) for each in fields.list_("chain", MAX_CHAIN)]
        newer, older = Sighting.read(fields.map_("newer")), Sighting.read(fields.map_("older"))
        bodies = fields.list_("between", MAX_ANCESTRY)
        between = [_bytes(each, MAX_POINTER_BODY) for each in bodies]
        fields.done()
        return cls(tuple(chain), newer, older, tuple(between))

    def verify(self) -> None:
        """Return if two histories are proven; raises Forged or Stale, saying why nothing is.

        Some 3 ms. What ``check_signed`` says, and ``between`` leads to another record than
        the older one.
        """
        self.check_signed()
        newer, older = self.newer.pointer, self.older.pointer
        if newer.seq < older.seq:
            raise Forged(f"{_WHAT}: the newer pointer is the older one")
        try:
            newer.extends(older.seq, older.hash, self.between)
        except Forked:
            return
        raise Forged(f"{_WHAT}: one history goes on from the other, there are no two")

    def check_signed(self) -> None:
        """Return if both states count, whatever line each is of; raises Forged, Stale, Forked.

        Both pointers must be made under records that the owner signed, by members whom the
        later of these still has: who was removed proves nothing. If it sets the space back
        from the other one's epoch, the owner wanted two lines.
        """
        latest = self._verified_records()
        for pointer in (self.newer.pointer, self.older.pointer):
            member = latest.member(pointer.member)
            if member is None or not member.rights & Rights.ALL:
                raise Forged(f"{_WHAT}: who signed number {pointer.seq} is no member any more")

    def _verified_records(self) -> SpaceRecord:
        """The record of the later epoch, both being the owner's and each its pointer's."""
        chain = IdentityChain.decode(self.chain)
        new = self.newer.record
        old = self.older.record or new
        if new is None or old is None:
            raise Forged(f"{_WHAT}: the record is missing that says who may sign")
        if (new.owner, new.space) != (old.owner, old.space):
            raise Forged(f"{_WHAT}: the pointers are of two spaces")
        for record, pointer in ((new, self.newer.pointer), (old, self.older.pointer)):
            record.verify(chain)
            pointer.verify(record)
        if new.epoch == old.epoch and new.hash != old.hash:
            raise Forged(f"{_WHAT}: there are two records of one epoch")
        first, latest = sorted((new, old), key=lambda each: each.epoch)
        if latest.permits_back(first.epoch) is not None:
            raise Forged(f"{_WHAT}: the owner set the space back")
        return latest


def _bytes(value: Value, maximum: int) -> bytes:
    if not isinstance(value, bytes) or len(value) > maximum:
        raise Malformed(f"{_WHAT}: an item of a list is not bytes, or too long")
    return value
