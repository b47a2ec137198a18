"""What a contact saw of a space, held against what its home shows here.

    one line                             nothing: they saw something older, or the same
    two lines, both signed by members    proven: kept in ``system/forks``, and told
    the home does not show which         told; nothing is proven, it may only withhold

Nothing that a contact says is believed: what they saw is signed by the owner of the space
and by a member of it, or it is passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import trio

from client.keys import Ref
from client.session import Session
from client.sharing.theirs import view_of
from client.social.contacts import Contact
from client.social.events import NotShown, TwoHistories
from client.social.store import FORKS, System, change
from client.space.reading import Changing
from client.space.state import Tip
from client.space.view import SpaceView
from crypto.hashing import sha256
from formats.dag_cbor import Value
from formats.errors import (
    Denied,
    Forged,
    Forked,
    HoldfastError,
    Malformed,
    NotFound,
    ProtocolViolation,
    Stale,
    TimedOut,
    TooLarge,
    Withheld,
)
from formats.fields import Fields
from formats.fork import MAX_PROOF, ForkProof
from formats.identity import IdentityChain
from formats.pointer import Pointer
from formats.sighting import Sighting

PATIENCE: Final = 20.0
"""Seconds in which a home has to show its newest state: other messages wait meanwhile."""
TRIES: Final = 3
"""How often it is asked for the way back, if something is committed meanwhile."""
_ANSWERS: Final = (Denied, Stale, Forged, NotFound, ProtocolViolation, Withheld)
"""What a home answers with that shows nothing."""


@dataclass(frozen=True, slots=True)
class Found:
    """Two histories of a space: what is told of it, and the proof. None: nothing is proven."""

    event: TwoHistories | NotShown
    proof: ForkProof | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A proof that is kept, since ``time`` (ms). ``whose``: the owner's name, "" for myself.

    ``seen``: when its owner said that they have seen it; ``name``: of its record.
    """

    whose: str
    by: str
    time: int
    proof: bytes
    seen: int | None = None
    name: str = ""

    @property
    def space(self) -> str:
        """The hash of whose space it is of, as names of records begin."""
        return self.name[:32]


@dataclass(frozen=True, slots=True)
class _Place:
    """A space that both sides see, and how its newest state is asked for here."""

    view: SpaceView
    refs: Sequence[Ref]
    chain: IdentityChain
    whose: str

    async def newest(self) -> tuple[Tip | None, bool]:
        """The newest state, and whether the home showed it now.

        What is wrong with the home otherwise is told to who reads there: here it leaves
        what was verified before.
        """
        try:
            with trio.fail_after(PATIENCE):
                asking = self.view.newest() if self.view.is_member else self.view.open(self.refs)
                return (await asking).tip, True
        except (HoldfastError, trio.TooSlowError):
            return self.view.tip, False

    async def way(self, tip: Tip, seq: int) -> Sequence[bytes] | HoldfastError | None:
        """Bodies from a state back to a number, or the home's answer that shows nothing.

        None if it is not the newest state any more. If one's own home does not answer, that is
        raised: the message waits there too, so it can wait until it does.
        """
        if tip.pointer.seq - seq <= 1:
            return ()
        try:
            with trio.fail_after(PATIENCE):
                shown = await self.view.shown_since(seq, self.refs)
        except _ANSWERS as error:
            return error
        except trio.TooSlowError:
            raise TimedOut("the home does not show how it came to its newest state") from None
        return shown.between if shown.pointer == tip.pointer.encoded else None


async def compare(session: Session, known: Contact, seen: Sighting) -> Found | None:
    """What a contact saw says about a home: None if nothing, or nothing that counts."""
    place = _place(session, known, seen.pointer)
    if place is None:
        return None
    for _ in range(TRIES):
        tip, fresh = await place.newest()
        if tip is None:
            return None
        here, there = _sides(tip, seen)
        if not await _count(place, here, there):
            return None
        if tip.pointer.seq < seen.pointer.seq:
            return _ahead(place, known.name, here, there, fresh)
        way = await place.way(tip, seen.pointer.seq)
        if isinstance(way, HoldfastError):
            return Found(NotShown(place.whose, known.name)) if fresh else None
        if way is not None:
            return _held(place, known.name, here, there, way)
    return None


def _place(session: Session, known: Contact, pointer: Pointer) -> _Place | None:
    """The space that a pointer is of: my root space, or that which they share with me from."""
    if pointer.owner_and_space == (session.id, session.bundle.space):
        return _Place(session.space.view, (), session.chain, "")
    theirs = known.theirs
    if not known.following or theirs is None or known.alarm:
        return None
    if pointer.owner_and_space != (known.id, theirs.space):
        return None
    view = view_of(session, known, theirs.space)
    return _Place(view, (theirs.keys.ref(),), known.chain, known.name)


def _sides(tip: Tip, seen: Sighting) -> tuple[Sighting, Sighting]:
    """What is seen here and what a contact saw, with its record if that is at hand."""
    here = Sighting.of(tip.pointer, tip.record)
    if seen.record is None and seen.pointer.authority == tip.record.hash:
        return here, Sighting(seen.pointer, here.record)
    return here, seen


async def _count(place: _Place, here: Sighting, there: Sighting) -> bool:
    """Whether both are signed by who may, so that they have to be of one line."""
    if here.record is None or there.record is None:
        return False
    both = ForkProof(place.chain.encoded, here, there, ())
    try:
        await trio.to_thread.run_sync(both.check_signed)
    except (Forged, Stale, Forked):
        return False
    return True


def _held(
    place: _Place, by: str, here: Sighting, there: Sighting, way: Sequence[bytes]
) -> Found | None:
    """What is seen here, held against something older that a contact saw."""
    try:
        here.pointer.extends(there.pointer.seq, there.pointer.hash, way)
    except Forked:
        return _found(place, by, ForkProof.of(place.chain, here, there, way))
    except (Forged, Malformed):
        return Found(NotShown(place.whose, by))
    return None


def _ahead(place: _Place, by: str, here: Sighting, there: Sighting, fresh: bool) -> Found | None:
    """A contact saw something newer than the home shows here."""
    try:
        there.pointer.extends(here.pointer.seq, here.pointer.hash)
    except Forked:
        return _found(place, by, ForkProof.of(place.chain, there, here, ()))
    except Forged:
        pass  # too far ahead to say whether it is the same line
    return Found(NotShown(place.whose, by)) if fresh else None


def _found(place: _Place, by: str, proof: ForkProof) -> Found:
    """A proof; where it is too large to be kept, as after many changes of keys, not even that."""
    try:
        _ = proof.encoded
    except TooLarge:
        return Found(NotShown(place.whose, by))
    return Found(TwoHistories(place.whose, by), proof)


async def keep(system: System, found: Found) -> bool:
    """Within an operation: keep a proof, if it is news; whether there is something to tell.

    One proof of a space is enough until its owner has seen it. From then on a fork is news if it
    goes on, or begins anew: if the older of its two states is newer than what was seen.
    """
    if found.proof is None:
        return True
    before = [each for each in await _all(system) if each.space == _space(found.proof)]
    if any(each.seen is None or not _after(found.proof, each) for each in before):
        return False
    number = f"-{len(before) + 1}" if before else ""
    kept = Kept(found.event.whose, found.event.by, system.now, found.proof.encoded)
    await _put(system, _space(found.proof) + number, kept)
    return True


def _space(proof: ForkProof) -> str:
    return sha256(b"".join(proof.newer.pointer.owner_and_space)).hex()[:32]


def _after(proof: ForkProof, seen: Kept) -> bool:
    """Whether all of it came after what a proof shows that was seen."""
    return proof.older.pointer.seq > ForkProof.decode(seen.proof).newer.pointer.seq


async def _all(system: System) -> list[Kept]:
    return [_read(fields, name) for name, fields in (await system.all(FORKS)).items()]


async def _put(system: System, name: str, kept: Kept) -> None:
    value: dict[str, Value] = {
        "whose": kept.whose,
        "by": kept.by,
        "time": kept.time,
        "proof": kept.proof,
    }
    await system.put((FORKS, name), value if kept.seen is None else {**value, "seen": kept.seen})


async def kept(system: System) -> list[Kept]:
    """Every proof that is kept, the newest last."""
    return sorted(await _all(system), key=lambda each: each.time)


async def acknowledge(session: Session) -> int:
    """I have seen what is proven, and dealt with it: the proofs stay. How many were new."""

    async def operation(changing: Changing) -> int:
        system = System(session, changing)
        new = [each for each in await _all(system) if each.seen is None]
        for each in new:
            await _put(system, each.name, replace(each, seen=system.now))
        await system.flush()
        return len(new)

    return await change(session, operation)


def _read(fields: Fields, name: str) -> Kept:
    return Kept(
        fields.text("whose", 255),
        fields.text("by", 255),
        fields.uint("time"),
        fields.bytes_("proof", maximum=MAX_PROOF),
        fields.optional_uint("seen"),
        name,
    )
