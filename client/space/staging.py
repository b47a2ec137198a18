"""Blocks that go to the home before the commit that names them, in a session there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import trio

from client.home import Connected
from client.space.view import SpaceView
from formats.cid import Block, Cid
from formats.errors import HoldfastError, Unreachable, Withheld
from protocols import blocks as b

_GOODBYE: Final = 2.0
"""Seconds that telling the home of the end may take."""

_WRITING: Final = (
    "changes need your home: try again when it answers (changes that wait for it come with sync); "
    "what a replica has, or you read before, can still be read"
)


def needs_home(error: Unreachable) -> Unreachable:
    """The same, for a person who wanted to change something."""
    return Unreachable(error.message, hint=_WRITING)


async def open_session(view: SpaceView) -> bytes:
    """Open a session at the home of a space; raises Unreachable in words for who writes."""

    async def ask(connected: Connected) -> bytes:
        request = b.OpenSession(view.owner, view.space)
        return (await connected.doors.blocks.open_session(request)).session

    try:
        return await view.line.call(ask)
    except Unreachable as error:
        raise needs_home(error) from error


async def close_session(view: SpaceView, session: bytes) -> None:
    """Tell the home, if it can be told at once; else the session expires by itself."""

    async def ask(connected: Connected) -> None:
        await connected.doors.blocks.close_session(b.CloseSession(session))

    with trio.CancelScope(shield=True, deadline=trio.current_time() + _GOODBYE):
        try:
            await view.line.call(ask, repeat=False)
        except HoldfastError:
            return


@dataclass(frozen=True, slots=True)
class Session:
    """A ``Staging``: a session at the home of a view's space."""

    view: SpaceView
    session: bytes

    async def stage(self, blocks: Sequence[Block]) -> None:
        """Send blocks in pieces that fit a request; durable when this returns."""
        for piece in pieces(blocks, b.MAX_STAGE_BYTES):
            await self._stage(tuple(piece))

    async def _stage(self, blocks: tuple[Block, ...]) -> None:
        async def ask(connected: Connected) -> None:
            await connected.doors.blocks.stage(b.Stage(self.session, blocks))

        await self.view.line.call(ask)

    async def missing(self, cids: Sequence[Cid]) -> set[Cid]:
        """Those that the home lacks, asked for in as many requests as it takes."""
        lacking: set[Cid] = set()
        for start in range(0, len(cids), b.MAX_ITEMS):
            lacking.update(await self._missing(tuple(cids[start : start + b.MAX_ITEMS])))
        return lacking

    async def _missing(self, cids: tuple[Cid, ...]) -> tuple[Cid, ...]:
        async def ask(connected: Connected) -> tuple[Cid, ...]:
            return (await connected.doors.blocks.missing(b.Missing(self.session, cids))).cids

        return await self.view.line.call(ask)

    async def recall(self, cids: Sequence[Cid]) -> list[bytes]:
        """What was staged, by CID, in order; a home that hands over something else is refused."""
        got: dict[Cid, bytes] = {}
        lacking = list(dict.fromkeys(cids))
        while lacking:
            blocks = await self._recall(tuple(lacking[: b.MAX_RECALLED]))
            got |= {block.cid: block.data for block in blocks}
            left = [cid for cid in lacking if cid not in got]
            if len(left) == len(lacking):
                raise Withheld("what was staged was not handed back by the home")
            lacking = left
        return [got[cid] for cid in cids]

    async def _recall(self, cids: tuple[Cid, ...]) -> tuple[Block, ...]:
        async def ask(connected: Connected) -> tuple[Block, ...]:
            request = b.Recall(self.session, cids)
            return (await connected.doors.blocks.recall(request)).blocks

        return await self.view.line.call(ask)


def pieces(blocks: Sequence[Block], most: int) -> list[list[Block]]:
    """Blocks in order, in lists of at most ``most`` bytes (one block may be more)."""
    lists: list[list[Block]] = [[]]
    size = 0
    for block in blocks:
        if lists[-1] and size + len(block.data) > most:
            lists.append([])
            size = 0
        lists[-1].append(block)
        size += len(block.data)
    return [each for each in lists if each]
