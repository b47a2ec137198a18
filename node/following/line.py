"""The pointer records between what is held here and what the home has now.

Only the newest comes signed. The body of each record before it is believed for the hash that
the one after it names, so they are walked from the newest down, and what was found is
kept at once: a walk that broke off goes on where it was.

    down to the record that is held                   the home went on from there
    down to a base that the owner set the space back to   it went back, by the owner's word
    anything else                                     another history: an alarm
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from crypto.hashing import sha256
from formats.errors import (
    Forged,
    Forked,
    ProtocolViolation,
    QuotaExceeded,
    Stale,
    TooMany,
)
from formats.identity import IdentityChain
from formats.pointer import Pointer, read_body
from formats.space import Base, SpaceRecord
from node.following.handing import Hands
from node.following.standing import room_of
from node.records import pointer, space_record
from protocols.replicas import AskLine
from storage.contracts import SpaceKey, SpaceRow, Store, Transaction, View

MOST_BACK: Final = 65_536
"""Records by which an owner can set a space back and be followed: they are held in memory."""

LEAST_BODY: Final = 256
"""Bytes of a record's body at least."""

STEPS: Final = 4096
"""Records that are looked at in one view."""


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a pointer record, and its number."""

    seq: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Newer:
    """A state to go to, believed but for its blocks.

    ``back``: where the owner set the space back to, from what is held; ``bodies``: those
    above it, which replace what is held.
    """

    before: SpaceRow | None
    pointer: Pointer
    record: SpaceRecord
    back: Base | None = None
    bodies: tuple[Body, ...] = ()


def check_state(
    owner: IdentityChain, key: SpaceKey, before: SpaceRow | None, at: Pointer, record: SpaceRecord
) -> None:
    """Return if owner and member signed this state of this space; raises Forged, Stale, Forked."""
    if (record.owner, record.space) != (key.owner, key.space):
        raise Forged("the home answered with the state of another space")
    record.verify(owner)
    at.verify(record)
    if before is None:
        return
    held = space_record(before.record)
    if record.epoch < held.epoch or record.identity_seq < held.identity_seq:
        raise Stale("the home shows members or keys that were replaced since")


class Line:
    """The walk down from one pointer."""

    def __init__(self, store: Store, home: Hands, key: SpaceKey, at: Pointer) -> None:
        self._store: Final = store
        self._home: Final = home
        self._key: Final = key
        self.seq = at.seq - 1
        """Number of the record that comes next on the way down."""
        self.link = at.prev
        """Its hash, which the one above names; None below record 0."""

    async def keep(self, floor: int, came: Sequence[bytes]) -> None:
        """Walk down to record ``floor``, and keep every body above it. ``came``: the first ones."""
        while self.seq > floor:
            await self._store.read(partial(self._pass_kept, floor=floor))
            if self.seq <= floor:
                return
            bodies = self._linked(came or await self._ask(), floor)
            came = ()
            await self._store.write(partial(_keep, key=self._key, bodies=bodies))

    async def gather(self, floor: int) -> tuple[Body, ...]:
        """The same, but the bodies are returned and nothing is kept."""
        if self.seq - floor > MOST_BACK:
            raise TooMany(f"the space was set back by more than {MOST_BACK} changes")
        gathered: list[Body] = []
        while self.seq > floor:
            gathered += self._linked(await self._ask(), floor)
        return tuple(gathered)

    def _pass_kept(self, view: View, floor: int) -> None:
        """Pass over what an earlier walk kept."""
        for _ in range(STEPS):
            body = view.history(self._key, self.seq) if self.seq > floor else None
            if body is None or sha256(body) != self.link:
                return
            self.seq, self.link = self.seq - 1, read_body(body).prev

    async def _ask(self) -> tuple[bytes, ...]:
        asked = AskLine(self._key.owner, self._key.space, self.seq + 1)
        bodies = (await self._home.line(asked)).bodies
        if not bodies:
            raise ProtocolViolation("the home left out pointer records")
        return bodies

    def _linked(self, bodies: Sequence[bytes], floor: int) -> list[Body]:
        linked = []
        for data in bodies:
            if self.seq <= floor:
                break
            if sha256(data) != self.link:
                raise Forged("the home showed an ancestor that no record names")
            said = read_body(data)
            if (said.owner, said.space, said.seq) != (*_names(self._key), self.seq):
                raise Forged("an ancestor of the newest state is of another place")
            linked.append(Body(self.seq, data))
            self.seq, self.link = self.seq - 1, said.prev
        return linked


async def newer(store: Store, home: Hands, owner: IdentityChain, key: SpaceKey) -> Newer | None:
    """Where the home has the space now, believed but for its blocks; None if it is held here.

    Raises Forged, Stale, Forked, and what asking the home raises.
    """
    before = await store.read(lambda view: view.space(key))
    shown = await home.line(AskLine(key.owner, key.space, None))
    if shown.pointer is None or shown.record is None:
        raise ProtocolViolation("the home left out the state of the space")
    at, record = Pointer.decode(shown.pointer), SpaceRecord.decode(shown.record)
    check_state(owner, key, before, at, record)
    await store.read(partial(_check_length, owner=key.owner, at=at, before=before))
    held = None if before is None else pointer(before.pointer)
    if held is not None and at.hash == held.hash:
        return None
    walk = Line(store, home, key, at)
    await walk.keep(-1 if held is None else held.seq, shown.bodies)
    if before is None or held is None or (walk.seq, walk.link) == (held.seq, held.hash):
        return Newer(before, at, record)
    return await _set_back(store, walk, key, before, Newer(before, at, record))


async def _set_back(store: Store, walk: Line, key: SpaceKey, before: SpaceRow, to: Newer) -> Newer:
    """The state, if the owner set the space back to where it and what is held here part."""
    base = to.record.permits_back(space_record(before.record).epoch)
    if base is None:
        if to.pointer.seq < before.seq:
            raise Stale("the home shows an older state than this replica holds")
        raise Forked("the home shows another history than this replica holds")
    bodies = await walk.gather(base.seq)
    body = await store.read(lambda view: view.history(key, base.seq))
    if walk.link != base.hash or body is None or sha256(body) != base.hash:
        raise Forked("the home shows another history than the one that its owner set back")
    return Newer(before, to.pointer, to.record, base, bodies)


def _check_length(view: View, owner: bytes, at: Pointer, before: SpaceRow | None) -> None:
    """Return if the records up to there are within what may be held: blocks alone are counted."""
    count = at.seq - (-1 if before is None else before.seq)
    if count * LEAST_BODY > room_of(view, owner):
        raise QuotaExceeded("the replica has no room for so many changes", hint="grant more")


def _keep(tx: Transaction, key: SpaceKey, bodies: Sequence[Body]) -> None:
    for body in bodies:
        tx.add_history(key, body.seq, body.data)


def _names(key: SpaceKey) -> tuple[bytes, bytes]:
    return key.owner, key.space
