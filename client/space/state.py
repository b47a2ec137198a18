"""Is this state of a space to be believed? Pure rules over records and marks.

A home can show us an old state, another state, or somebody else's. ``advance``
accepts a state only if its space record is signed by the owner's daily key, its
pointer by a member of that record, and it descends from what was seen before:

    lower epoch, identity or seq           Stale: the past
    same seq, other hash; other ancestor   Forked: two histories
    no proof of descent                    Forged: nothing is proven

One thing permits to go back: a space record in which the owner set the space back,
of a later epoch than any that was seen. Then the state has to descend from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from client.answers import handed_over
from client.marks import Mark
from crypto.hashing import sha256
from formats.ancestry import Spine
from formats.cid import Cid
from formats.errors import Forged, Forked, Stale
from formats.identity import IdentityChain
from formats.pointer import Pointer, read_body
from formats.space import SpaceRecord


@dataclass(frozen=True, slots=True)
class Shown:
    """A state as a home shows it: envelopes, and bodies that tie it to earlier ones.

    ``from_base``: those that tie it to where its space record set the space back to.
    """

    pointer: bytes
    record: bytes
    spine: Sequence[bytes] = ()
    between: Sequence[bytes] = ()
    from_base: Sequence[bytes] | None = None


class NeedsBase(Exception):
    """The state may be believed if it descends from record ``seq``: ask for proof of that."""

    def __init__(self, seq: int) -> None:
        super().__init__(seq)
        self.seq = seq


@dataclass(frozen=True, slots=True)
class Tip:
    """A verified state: the pointer, its space record, and the spine if a writer needs it.

    ``left``: what had been seen, where the owner set the space back to before it.
    """

    pointer: Pointer
    record: SpaceRecord
    spine: Spine
    left: Mark | None = None

    @property
    def root(self) -> Cid:
        """The root block."""
        return self.pointer.root

    @property
    def order(self) -> tuple[int, int]:
        """Which of two states that were verified is the newer one."""
        return self.record.epoch, self.pointer.seq

    @property
    def mark(self) -> Mark:
        """What to remember of it."""
        return Mark(
            self.pointer.seq, self.pointer.hash, self.record.epoch, self.record.identity_seq
        )


def advance(mark: Mark | None, shown: Shown, chain: IdentityChain, space: bytes) -> Tip:
    """The state as a Tip, if it may be believed; raises Forged, Stale, Forked, NeedsBase.

    ``chain`` is the owner's verified identity, ``space`` the space asked for,
    ``mark`` the newest state seen before (None the first time).
    """
    with handed_over("state of a space"):
        pointer, record = Pointer.decode(shown.pointer), SpaceRecord.decode(shown.record)
    if record.owner != chain.id or record.space != space:
        raise Forged("the home answered with the state of another space")
    record.verify(chain)
    pointer.verify(record)
    left = None
    if mark is not None:
        if record.epoch < mark.epoch or record.identity_seq < mark.identity_seq:
            raise Stale("the home showed members or keys that were replaced since")
        left = None if _descends(mark, pointer, record, shown) else mark
    tied = shown.spine or pointer.skip is None
    return Tip(pointer, record, _spine(pointer, shown.spine) if tied else Spine(), left)


def _descends(mark: Mark, pointer: Pointer, record: SpaceRecord, shown: Shown) -> bool:
    """Whether the state descends from the mark; if not, the owner permits it, or this raises."""
    try:
        pointer.extends(mark.seq, mark.hash, shown.between)
    except (Stale, Forked, Forged):
        base = record.permits_back(mark.epoch)
        if base is None:
            raise
        if shown.from_base is None and pointer.seq != base.seq + 1:
            raise NeedsBase(base.seq) from None
        pointer.extends(base.seq, base.hash, shown.from_base or ())
        return False
    return True


def spine_of(pointer: Pointer) -> Spine:
    """The spine of record 0."""
    return Spine().then(pointer.seq, pointer.hash)


def _spine(pointer: Pointer, bodies: Sequence[bytes]) -> Spine:
    """The records this pointer skips down over, each believed for the hash that names it."""
    links = [(pointer.seq, pointer.hash)]
    wanted = pointer.skip
    for body in bodies:
        if wanted is None or sha256(body) != wanted:
            raise Forged("the home showed an ancestor that no record names")
        said = read_body(body)
        links.append((said.seq, wanted))
        wanted = said.skip
    if wanted is not None:
        raise Forged("the home left out ancestors of the newest state")
    return Spine(tuple(reversed(links)))
