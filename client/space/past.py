"""States that a space was in: listed, verified to be ancestors of the newest, and read.

A home that hands over a state it made up, or one of another history, is caught: each
comes with bodies that link the one before it in the list to it, the first one the
newest state, which was verified (docs/spec/past.md).

Pins have names. They are sealed here: the home keeps them and cannot read them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import trio

from client.answers import handed_over
from client.home import Connected
from client.keys import Ref
from client.space.author import Author
from client.space.reading import Reading
from client.space.state import Tip
from client.space.tip_reading import TipReading
from client.space.upon import Upon
from client.space.view import SpaceView
from crypto.errors import OpenFailed
from crypto.kdf import derive
from crypto.purposes import KdfPurpose, SealPurpose
from crypto.sealing import Associated, SealingKey
from crypto.secret import Secret
from formats.cid import Cid
from formats.errors import Denied, MissingBlock, NotFound, ProtocolViolation
from formats.leaf import Leaf
from formats.pointer import Pointer
from formats.root import Root
from formats.tree.diff import diff
from formats.tree.node import EMPTY, Load, Node
from protocols import pointers as p

ALWAYS: Final = 2**53
"""After every time there is."""
NODES: Final = 256
"""Tree nodes asked for at once."""
NOTE: Final = 256
"""Bytes of a pin's name before sealing; all are padded to it."""


@dataclass(frozen=True, slots=True)
class Was:
    """A state that a space was in, or is in. Times in milliseconds.

    ``made`` is the writer's word, ``superseded`` the home's; None: it is the newest.
    """

    pointer: Pointer
    superseded: int | None

    @property
    def seq(self) -> int:
        """Its number."""
        return self.pointer.seq

    @property
    def made(self) -> int:
        """When it was made."""
        return self.pointer.time


@dataclass(frozen=True, slots=True)
class Pin:
    """A state that is kept until somebody says otherwise. ``name`` None: it does not open."""

    seq: int
    made: int
    name: str | None


@dataclass(frozen=True, slots=True)
class Weight:
    """How much old states hold that the newest does not, in bytes; ``at_least``: or more."""

    states: int
    bytes: int
    at_least: bool


class Past(Protocol):
    """The states of a space, to whoever may change it."""

    async def states(self) -> list[Was]:
        """The newest state, then the superseded ones that the home keeps, newest first."""
        ...

    def reading(self, was: Was) -> Reading:
        """The space as it was; raises NotFound where the home has let go of it."""
        ...

    async def pins(self) -> list[Pin]:
        """What is pinned, newest first."""
        ...

    async def pin(self, seq: int, name: str) -> list[Pin]:
        """Keep a state under a name, or give it another; raises NotFound, TooMany."""
        ...

    async def unpin(self, seq: int) -> list[Pin]:
        """Keep it no longer than others."""
        ...

    async def let_go(self, before: int) -> int:
        """Give up states superseded before a time but not pinned ones; how many went."""
        ...

    async def weigh(self) -> Weight:
        """How much they hold."""
        ...

    async def changed(self, older: Was, newer: Was) -> set[bytes]:
        """The labels whose leaves differ between two states."""
        ...

    async def device(self, was: Was) -> str | None:
        """What the device that made a state says that it is called; None if it does not."""
        ...


class SpacePast:
    """``Past`` of one's own space. ``root``: the secret of its top folder; ``older``: before it."""

    def __init__(
        self, view: SpaceView, root: Secret, author: Author, older: Sequence[Secret] = ()
    ) -> None:
        self._view: Final = view
        self._author: Final = author
        self._key: Final = _note_key(root)
        self._older: Final = older

    async def states(self) -> list[Was]:
        """Every state, each verified to be an ancestor of the one before it."""
        tip = (await self._view.refresh()).tip.pointer
        found = [Was(tip, None)]
        more = True
        while more:
            below = found[-1].pointer
            answer = await self._kept(below.seq)
            if answer.more and not answer.states:
                raise ProtocolViolation("the home says that there is more, and shows nothing")
            found += await trio.to_thread.run_sync(verified, below, answer.states)
            more = answer.more
        return found

    def reading(self, was: Was) -> Reading:
        """The space as it was."""
        tip = self._view.tip
        if was.superseded is None and tip is not None and tip.pointer.seq == was.seq:
            return TipReading(self._view, tip)
        if tip is None:
            raise NotFound("the newest state of the space is not known yet")
        return PastReading(TipReading(self._view, Tip(was.pointer, tip.record, tip.spine)))

    async def pins(self) -> list[Pin]:
        """What is pinned, newest first."""
        request = p.AskPins(self._view.owner, self._view.space)

        async def ask(connected: Connected) -> p.Pins:
            return await connected.doors.pointers.pins(request)

        return self._read(await self._view.line.call(ask))

    async def pin(self, seq: int, name: str) -> list[Pin]:
        """Keep a state under a name, or give it another."""
        note = self._key.seal(_padded(name), self._associated(seq))
        request = p.Pin(self._view.owner, self._view.space, seq, note)

        async def ask(connected: Connected) -> p.Pins:
            return await connected.doors.pointers.pin(request)

        try:
            return self._read(await self._view.line.call(ask))
        except Denied:
            raise NotFound(f"state {seq} is not kept any more", hint=_LIST) from None

    async def unpin(self, seq: int) -> list[Pin]:
        """Keep it no longer than others."""
        request = p.Unpin(self._view.owner, self._view.space, seq)

        async def ask(connected: Connected) -> p.Pins:
            return await connected.doors.pointers.unpin(request)

        return self._read(await self._view.line.call(ask))

    async def let_go(self, before: int) -> int:
        """Give up states superseded before a time, in steps; pinned ones stay."""
        request = p.LetGo(self._view.owner, self._view.space, before)

        async def ask(connected: Connected) -> p.WentBy:
            return await connected.doors.pointers.let_go(request)

        count, used = 0, -1
        while True:
            went = await self._view.line.call(ask)
            count += went.count
            if not went.more or (not went.count and went.usage.used == used):
                return count
            used = went.usage.used

    async def weigh(self) -> Weight:
        """How much old states hold."""
        request = p.Weigh(self._view.owner, self._view.space)

        async def ask(connected: Connected) -> p.Weight:
            return await connected.doors.pointers.weigh(request)

        found = await self._view.line.call(ask)
        return Weight(found.states, found.bytes, found.at_least)

    async def changed(self, older: Was, newer: Was) -> set[bytes]:
        """The labels whose leaves differ; what both trees share is neither asked for nor read."""
        await self._fetch({older.pointer.root, newer.pointer.root})
        load = self._view.cache.load
        old, new = (Root.decode(load(was.pointer.root)).tree for was in (older, newer))
        before, after, top = {old}, {new}, True
        while before != after:
            before, after = before - after, after - before
            await self._fetch((before | after) - {EMPTY.cid})
            before, after = _children(load, before, top), _children(load, after, top)
            top = False
        return {change.label for change in diff(load, old, load, new)}

    async def device(self, was: Was) -> str | None:
        """What the device that made a state says that it is called."""
        await self._fetch({was.pointer.root})
        root = Root.decode(self._view.cache.load(was.pointer.root))
        return self._author.read(root.by, was.seq)

    async def _fetch(self, cids: set[Cid]) -> None:
        """Have these blocks in memory; raises NotFound where the home has let go of one."""
        lacking = [cid for cid in sorted(cids) if not self._has(cid)]
        for start in range(0, len(lacking), NODES):
            await self._view.fetch_nodes(lacking[start : start + NODES])
        if not all(map(self._has, lacking)):
            raise NotFound("a state is not kept any more", hint=_LIST)

    def _has(self, cid: Cid) -> bool:
        try:
            self._view.cache.load(cid)
        except MissingBlock:
            return False
        return True

    async def _kept(self, below: int) -> p.States:
        request = p.Kept(self._view.owner, self._view.space, below)

        async def ask(connected: Connected) -> p.States:
            return await connected.doors.pointers.kept(request)

        return await self._view.line.call(ask)

    def _read(self, found: p.Pins) -> list[Pin]:
        return [Pin(each.seq, each.made, self._name(each)) for each in found.pins]

    def _name(self, pinned: p.Pinned) -> str | None:
        """The name, or None for one that does not open: the state is kept all the same."""
        for key in (self._key, *map(_note_key, self._older)):
            try:
                padded = key.open(pinned.note, self._associated(pinned.seq))
                return padded.rstrip(b"\0").decode()
            except OpenFailed:
                continue
            except UnicodeDecodeError:
                return None
        return None

    def _associated(self, seq: int) -> Associated:
        return Associated(SealPurpose.SNAPSHOT, self._view.space, seq)


def verified(newer: Pointer, states: Sequence[p.State]) -> list[Was]:
    """States of an answer, if each is an ancestor of the one before, and signed as it says.

    ``newer`` is the state that the first descends from. Raises Forged, Forked, Stale, Malformed.
    """
    found: list[Was] = []
    for state in states:
        with handed_over("state of a space"):
            pointer = Pointer.decode(state.pointer)
        if pointer.seq >= newer.seq:
            raise ProtocolViolation("the home showed states in another order")
        newer.extends(pointer.seq, pointer.hash, state.between)
        pointer.verify_signature()
        found.append(Was(pointer, state.superseded))
        newer = pointer
    return found


class PastReading(Upon):
    """A reading of a state that may go: then it says so, whatever is asked of it."""

    def __init__(self, below: TipReading) -> None:
        super().__init__(below)
        self.seq: Final = below.tip.pointer.seq

    @property
    def moved_on(self) -> bool:
        """Never: what is gone is not made up for by something newer."""
        return False

    async def leaves(self, refs: Sequence[Ref]) -> dict[bytes, Leaf]:
        """Leaves as they were."""
        try:
            return await self._below.leaves(refs)
        except Denied:
            raise self._gone() from None

    async def segments(self, ref: Ref, leaf: Leaf, positions: Sequence[int]) -> list[bytes]:
        """Segments of a leaf as it was."""
        try:
            return await self._below.segments(ref, leaf, positions)
        except Denied:
            raise self._gone() from None

    def _gone(self) -> NotFound:
        return NotFound(f"state {self.seq} is not kept any more", hint=_LIST)


def _children(load: Load, nodes: Iterable[Cid], top: bool) -> set[Cid]:
    """The nodes that these name; what is no node of a tree is told by ``diff``, by its place."""
    found: set[Cid] = set()
    for cid in nodes:
        if cid != EMPTY.cid:
            found |= {child for _, child in Node.decode(load(cid), root=top).links()}
    return found


def _note_key(root: Secret) -> SealingKey:
    """What seals the names of pins."""
    return SealingKey(derive(root, KdfPurpose.SNAPSHOT))


def _padded(name: str) -> bytes:
    encoded = name.encode()
    if len(encoded) > NOTE or "\0" in name:
        raise ValueError("names of pins are checked before")
    return encoded.ljust(NOTE, b"\0")


_LIST: Final = "'holdfast log' lists what is"
