"""A space in a dict, obeying ``client.space.reading``: for tests of what stands on it.

It checks what a home checks (a segment that a leaf names was staged, or is in
the space already) and keeps leaves as bytes, so that every leaf that is read
went through its format. It counts requests, and can be told to conflict, to
lose or to alter leaves and segments.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import trio

from client.keys import Ref
from client.space.opened import Opened
from client.space.reading import Changing, Operation, Reading, Staging
from formats.cid import Block, Cid
from formats.errors import Conflict, Denied, Expired, HoldfastError, Withheld
from formats.leaf import Leaf, check_segment

T = TypeVar("T")

OWNER = b"o" * 32
SPACE = b"s" * 32
MAX_REPLAYS = 24


@dataclass
class Counts:
    """What was asked of the space."""

    leaf_requests: int = 0
    leaves: int = 0
    segment_requests: int = 0
    segments: int = 0
    stages: int = 0
    staged_bytes: int = 0
    recalls: int = 0
    commits: int = 0
    runs: int = 0

    @property
    def reads(self) -> int:
        return self.leaf_requests + self.segment_requests


@dataclass
class FakeSpace:
    """A space to write to. ``tree`` is its current state: label -> encoded leaf."""

    owner: bytes = OWNER
    space: bytes = SPACE
    tree: dict[bytes, bytes] = field(default_factory=dict)
    blocks: dict[Cid, bytes] = field(default_factory=dict)
    retired: set[bytes] = field(default_factory=set)
    sessions: dict[bytes, set[Cid]] = field(default_factory=dict)
    count: Counts = field(default_factory=Counts)
    before_commit: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """Each is called once, before a commit takes effect: a change by somebody else, say."""
    failures: list[HoldfastError | None] = field(default_factory=list)
    """What the next commits raise, one after another; None for one that works."""
    on_stage: Callable[[], Awaitable[None]] | None = None
    on_reading: Callable[[], object] | None = None
    """Called whenever something is read."""
    session_number: int = 0
    opened: Opened = field(default_factory=Opened)
    version: int = 0
    keeps: int = 0
    """How many superseded states still count, as a home keeps them for a while."""
    past: list[dict[bytes, bytes]] = field(default_factory=list)

    async def reading(self) -> Reading:
        await trio.lowlevel.checkpoint()
        if self.on_reading is not None:
            self.on_reading()
        return FakeReading(self, dict(self.tree))

    async def commit(self, operation: Operation[T]) -> T:
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        for _ in range(MAX_REPLAYS):
            self.count.runs += 1
            version, changing = self.version, FakeChanging(self, dict(self.tree))
            result = await operation(changing)
            while self.before_commit:
                await self.before_commit.pop(0)()
            if version == self.version:
                self._take(changing)
                return result
        raise Conflict("others kept changing the same space")

    async def at_hand(self) -> Reading:
        return await self.reading()

    def staging(self) -> AbstractAsyncContextManager[Staging]:
        return self._staging()

    @asynccontextmanager
    async def _staging(self) -> AsyncIterator[Staging]:
        staging = await self.open_staging()
        try:
            yield staging
        finally:
            self._close(staging.session)

    async def open_staging(self) -> Staging:
        await trio.lowlevel.checkpoint()
        self.session_number += 1
        session = self.session_number.to_bytes(16, "big")
        self.sessions[session] = set()
        return FakeStaging(self, session)

    def staged(self, session: bytes) -> Staging:
        return FakeStaging(self, session)

    async def close_staging(self, session: bytes) -> None:
        await trio.lowlevel.checkpoint()
        self._close(session)

    def _close(self, session: bytes) -> None:
        self.sessions.pop(session, None)
        self.sweep()

    def leaf(self, label: bytes) -> Leaf:
        return Leaf.decode(self.tree[label])

    def named(self) -> set[Cid]:
        """Every segment that a leaf of the current state names, or of one that still counts."""
        leaves = {data for tree in (self.tree, *self.past) for data in tree.values()}
        return {cid for data in leaves for cid in Leaf.decode(data).segments}

    def sweep(self) -> None:
        """Forget what nothing names."""
        kept = self.named().union(*self.sessions.values())
        self.blocks = {cid: data for cid, data in self.blocks.items() if cid in kept}

    @property
    def stored(self) -> int:
        """Bytes of leaves and segments."""
        return sum(map(len, self.tree.values())) + sum(map(len, self.blocks.values()))

    def _take(self, changing: "FakeChanging") -> None:
        staged = self.sessions.get(changing.session, set()) if changing.session else set()
        allowed = self.named() | staged
        for leaf in changing.noted.values():
            if leaf is not None and not allowed.issuperset(leaf.segments):
                raise Denied("a leaf names what was not staged")
        self.past = [dict(self.tree), *self.past][: self.keeps]
        for label, leaf in changing.noted.items():
            self.tree.pop(label, None)
            if leaf is not None:
                self.tree[label] = leaf.block.data
        self.retired |= changing.noted_retired
        if changing.noted or changing.noted_retired:
            self.version += 1
            self.count.commits += 1
        self.sweep()


class FakeReading:
    """One state of a space. ``allow``: only these labels, as for a reader."""

    def __init__(
        self, space: FakeSpace, tree: dict[bytes, bytes], allow: set[bytes] | None = None
    ) -> None:
        self._space = space
        self._tree = tree
        self._allow = allow
        self.opened = space.opened
        self.moved_on = False

    @property
    def owner(self) -> bytes:
        return self._space.owner

    @property
    def space(self) -> bytes:
        return self._space.space

    async def leaves(self, refs: Sequence[Ref]) -> dict[bytes, Leaf]:
        await trio.lowlevel.checkpoint()
        if self._space.on_reading is not None:
            self._space.on_reading()
        self._space.count.leaf_requests += 1
        self._space.count.leaves += len(refs)
        found: dict[bytes, Leaf] = {}
        for ref in refs:
            if ref.label in self._tree and (self._allow is None or ref.label in self._allow):
                found[ref.label] = leaf = Leaf.decode(self._tree[ref.label])
                assert leaf.lock == ref.keys.lock(ref.label).public
        if self._allow is not None and refs and not found:
            raise Denied("nothing there for this caller")
        return found

    async def segments(self, ref: Ref, leaf: Leaf, positions: Sequence[int]) -> list[bytes]:
        await trio.lowlevel.checkpoint()
        self._space.count.segment_requests += 1
        self._space.count.segments += len(positions)
        assert self._tree[ref.label] == leaf.block.data
        try:
            return [self._space.blocks[leaf.segments[position]] for position in positions]
        except KeyError:
            raise Withheld("part of a file was not handed over") from None


class FakeChanging(FakeReading):
    """A state on which changes are noted."""

    def __init__(self, space: FakeSpace, tree: dict[bytes, bytes]) -> None:
        super().__init__(space, tree)
        self.noted: dict[bytes, Leaf | None] = {}
        self.noted_retired: set[bytes] = set()
        self.session: bytes | None = None

    def put(self, label: bytes, leaf: Leaf) -> None:
        self.noted[label] = leaf
        self._tree[label] = leaf.block.data

    def link(self, label: bytes, leaf: Cid) -> None:
        raise NotImplementedError("nothing is linked in this space")

    def empty(self) -> None:
        raise NotImplementedError("this space is not emptied")

    def delete(self, label: bytes) -> None:
        self.noted[label] = None
        self._tree.pop(label, None)

    def retire(self, labels: Iterable[bytes]) -> None:
        self.noted_retired.update(labels)

    @property
    def taken_away(self) -> int:
        return sum(leaf is None for leaf in self.noted.values())

    def use_staging(self, session: bytes) -> None:
        if session not in self._space.sessions:
            raise Expired("no such session")
        assert self.session in (None, session)
        self.session = session


@dataclass
class FakeStaging:
    """A staging session."""

    of: FakeSpace
    session: bytes

    async def stage(self, blocks: Sequence[Block]) -> None:
        await trio.lowlevel.checkpoint()
        if self.of.on_stage is not None:
            await self.of.on_stage()
        self.of.count.stages += 1
        if self.session not in self.of.sessions:
            raise Expired("no such session")
        for block in blocks:
            check_segment(block.data)
            self.of.count.staged_bytes += len(block.data)
            self.of.blocks[block.cid] = block.data
            self.of.sessions[self.session].add(block.cid)

    async def missing(self, cids: Sequence[Cid]) -> set[Cid]:
        await trio.lowlevel.checkpoint()
        if self.session not in self.of.sessions:
            raise Expired("no such session")
        return set(cids) - self.of.sessions[self.session] - self.of.named()

    async def recall(self, cids: Sequence[Cid]) -> list[bytes]:
        await trio.lowlevel.checkpoint()
        self.of.count.recalls += 1
        if not self.of.sessions[self.session].issuperset(cids):
            raise Withheld("what was staged was not handed back")
        return [self.of.blocks[cid] for cid in cids]


def _obeys(space: FakeSpace, changing: FakeChanging) -> None:
    """Checked by mypy: the fakes have the shape of what they stand for."""
    from client.space.reading import Space

    _space: Space = space
    _changing: Changing = changing
