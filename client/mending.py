"""Giving one's home back what it lost, as far as this machine kept it; and what that leaves.

``holdfast node repair`` writes down what it could not replace. What was read here before is
kept here, hashed: exactly those bytes are handed in. Which files the rest belongs to, only
this side can say (``client/drive/damage.py``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import trio

from client.home import Connected
from client.kept.space import KeptSpace
from client.session import Session
from formats.cid import Block, Cid
from protocols.blocks import AskLost, LostBlock, Mend

BATCH: Final = 4 * 1024 * 1024
"""Bytes that are handed in with one request, or one block."""


@dataclass(frozen=True, slots=True)
class Mended:
    """How many blocks the home took, and what it still lacks."""

    given: int
    left: tuple[LostBlock, ...]


async def mend(session: Session) -> Mended:
    """Hand in what the home lost of the root space and is kept here; Unreachable and the like."""
    return await mend_space(session, session.bundle.space, session.space.view.kept)


async def mend_space(session: Session, space: bytes, kept: KeptSpace | None) -> Mended:
    """The same of any space of one's own, from what is ``kept`` of it."""
    lost = await _ask(session, space)
    if not lost or kept is None:
        return Mended(0, lost)
    given = 0
    wanted = list(dict.fromkeys(each.cid for each in lost))
    for start in range(0, len(wanted), 64):
        for blocks in _batches(await _kept(kept, wanted[start : start + 64])):
            given += await _give(session, space, blocks)
    return Mended(given, await _ask(session, space) if given else lost)


async def _kept(kept: KeptSpace, cids: Sequence[Cid]) -> list[Block]:
    found = await kept.load_all(cids)
    return await trio.to_thread.run_sync(
        lambda: [Block.checked(cid, data) for cid, data in found.items()]
    )


def _batches(blocks: Sequence[Block]) -> Iterator[tuple[Block, ...]]:
    batch: list[Block] = []
    size = 0
    for block in blocks:
        if batch and size + len(block.data) > BATCH:
            yield tuple(batch)
            batch, size = [], 0
        batch.append(block)
        size += len(block.data)
    if batch:
        yield tuple(batch)


async def _ask(session: Session, space: bytes) -> tuple[LostBlock, ...]:
    request = AskLost(session.id, space)

    async def ask(connected: Connected) -> tuple[LostBlock, ...]:
        return (await connected.doors.blocks.lost(request)).blocks

    return await session.line.call(ask)


async def _give(session: Session, space: bytes, blocks: tuple[Block, ...]) -> int:
    request = Mend(session.id, space, blocks)

    async def ask(connected: Connected) -> int:
        return (await connected.doors.blocks.mend(request)).count

    return await session.line.call(ask)
