"""Blocks of a new root that are lacking here: fetched from the home, hashed, staged.

From the root down, past everything that the space refers to already: that is the difference
between two states, whatever they have in common. What is staged stays if this breaks off,
and is passed over when it goes on. In memory there are only the names of blocks that wait,
and a few answers of 16 MiB.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import trio

from crypto.hashing import sha256
from formats.cid import Block, Cid
from formats.errors import MissingBlock, ProtocolViolation
from formats.limits import TOKEN
from formats.links import Link, Role, children
from formats.tree.node import EMPTY
from node.core import Core
from node.following.handing import Hands
from node.room import check_room, write_with_room
from protocols.replicas import MAX_CIDS, Fetch
from storage.contracts import SessionRow, SpaceKey, Transaction, View

AT_ONCE: Final = 256
"""Blocks of structure that are looked for together."""

SEGMENTS: Final = 56
"""Segments asked for together: 14 MiB of the usual ones."""

FETCHERS: Final = 2
"""Answers of segments that are under way at once: one is written while another comes."""

LIFE: Final = 30 * 24 * 3600 * 1000
"""Milliseconds for which what was staged is kept when nothing more comes."""

NOBODY: Final = bytes(32)
"""Stands for a member, in the session of a replica that fetches."""


def session_of(key: SpaceKey) -> bytes:
    """The session in which blocks of a followed space are staged: always the same one."""
    return sha256(b"holdfast/1/following\0" + key.owner + key.space)[:TOKEN]


@dataclass(slots=True)
class Pulled:
    """What was fetched so far."""

    blocks: int = 0
    bytes: int = 0


class Pull:
    """Fetches what one root needs."""

    def __init__(self, core: Core, home: Hands, key: SpaceKey) -> None:
        self._core: Final = core
        self._home: Final = home
        self._key: Final = key
        self._session: Final = session_of(key)
        self.pulled: Final = Pulled()

    async def run(self, root: Cid) -> None:
        """Return when all below ``root`` is staged or held.

        Raises MissingBlock for what the home has not, BadBlock, Malformed, QuotaExceeded,
        DiskFull, TooMany, and what asking raises. What was staged stays.
        """
        try:
            async with trio.open_nursery() as nursery:
                out, into = trio.open_memory_channel[list[Cid]](0)
                for _ in range(FETCHERS):
                    nursery.start_soon(self._fetch_segments, into.clone())
                into.close()
                async with out:
                    await self._walk(root, out)
        except ExceptionGroup as group:
            raise _first(group) from None

    async def _walk(self, root: Cid, out: trio.MemorySendChannel[list[Cid]]) -> None:
        waiting: list[Link] = [(root, Role.ROOT)]
        segments: dict[Cid, None] = {}
        while waiting:
            now, waiting = waiting[-AT_ONCE:], waiting[:-AT_ONCE]
            for cid, role in await self._below(dict(now)):
                if role is Role.SEGMENT:
                    segments[cid] = None
                else:
                    waiting.append((cid, role))
            while len(segments) >= SEGMENTS or (segments and not waiting):
                some = [*segments][:SEGMENTS]
                for cid in some:
                    del segments[cid]
                await out.send(some)

    async def _below(self, wanted: dict[Cid, Role]) -> list[Link]:
        """What these blocks of structure link to, those that are not held already."""
        found, lacking = await self._core.store.read(partial(self._look, wanted=wanted))
        for blocks in await self._fetch(lacking):
            found += await trio.to_thread.run_sync(_links, blocks, wanted)
        return await self._core.store.read(partial(self._unheld, links=found))

    def _look(self, view: View, wanted: dict[Cid, Role]) -> tuple[list[Link], list[Cid]]:
        links: list[Link] = []
        lacking: list[Cid] = []
        for cid, role in wanted.items():
            if view.references(self._key, cid):
                continue
            if view.is_staged(self._session, cid):
                links += children(role, view.block(cid))
            else:
                lacking.append(cid)
        return links, lacking

    def _unheld(self, view: View, links: Iterable[Link]) -> list[Link]:
        """Those to go to. Structure that is staged is walked too: what is below it may lack."""
        return [
            (cid, role)
            for cid, role in dict.fromkeys(links)
            if cid != EMPTY.cid
            and not view.references(self._key, cid)
            and not (role is Role.SEGMENT and view.is_staged(self._session, cid))
        ]

    async def _fetch_segments(self, into: trio.MemoryReceiveChannel[list[Cid]]) -> None:
        async with into:
            async for cids in into:
                await self._fetch(cids)

    async def _fetch(self, cids: Sequence[Cid]) -> list[tuple[Block, ...]]:
        """Fetch and stage these, in as many answers as it takes. Only structure is returned."""
        kept: list[tuple[Block, ...]] = []
        left = dict.fromkeys(cids)
        while left:
            some = tuple(left)[:MAX_CIDS]
            blocks = (await self._home.fetch(Fetch(self._key.owner, self._key.space, some))).blocks
            if not blocks:
                raise MissingBlock.of(some[0])
            for block in blocks:
                if block.cid not in left:
                    raise ProtocolViolation("the home sent a block that was not asked for")
                del left[block.cid]
            await stage(self._core, self._key, blocks)
            self._count(blocks)
            kept.append(tuple(block for block in blocks if not block.cid.is_raw))
        return kept

    def _count(self, blocks: Sequence[Block]) -> None:
        self.pulled.blocks += len(blocks)
        self.pulled.bytes += sum(len(block.data) for block in blocks)


async def stage(core: Core, key: SpaceKey, blocks: Sequence[Block]) -> None:
    """Hold blocks for a space until a state of it has come whole.

    Raises QuotaExceeded, DiskFull, TooMany.
    """
    core.gate.check_new(core.config.limits)
    with core.gate.write():
        work = partial(_put, key=key, blocks=blocks, now=core.clock.now_ms())
        await write_with_room(core.store, [key.owner], work)


def _put(tx: Transaction, key: SpaceKey, blocks: Sequence[Block], now: int) -> None:
    session = open_session(tx, key, now)
    for block in blocks:
        tx.stage(session, block)
    check_room(tx, key.owner)
    tx.extend_session(session, now + LIFE)


def open_session(tx: Transaction, key: SpaceKey, now: int) -> bytes:
    """The session of a followed space, made if there is none."""
    session = session_of(key)
    if tx.session(session) is None:
        tx.open_session(SessionRow(session, key, NOBODY, now + LIFE, 0))
    return session


def _links(blocks: Sequence[Block], wanted: dict[Cid, Role]) -> list[Link]:
    return [link for block in blocks for link in children(wanted[block.cid], block.data)]


def _first(group: ExceptionGroup) -> Exception:
    """One of the errors that tasks ended with: they all mean that it did not come to its end."""
    found: Exception = group
    while isinstance(found, ExceptionGroup):
        found = found.exceptions[0]
    return found
