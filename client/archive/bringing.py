"""What a node takes from the owner of an account: blocks it lacks, then the state they are of.

A node that keeps a replica takes it (``protocols.replicas``). It goes on where it stopped: what
it has is not sent again, whoever sent it.
"""

from collections.abc import Sequence
from typing import Final

from client.archive.inside import Kind, Piece
from client.archive.manifest import At
from client.home import Connected, HomeLine
from formats.cid import Block
from formats.errors import ProtocolViolation, Stale, TimedOut
from protocols.replicas import (
    MAX_BODIES,
    MAX_CIDS,
    MAX_FETCHED_BYTES,
    Arrive,
    Arrived,
    AskNeeded,
    Bring,
    Brought,
    Needed,
)

PATIENCE: Final = 30
"""How often a node is asked again that takes a large state and does not answer in time."""


class Bringing:
    """Brings pieces of one account to one node, in the order in which they stand in a file."""

    def __init__(self, line: HomeLine, owner: bytes, spaces: Sequence[At]) -> None:
        self._line: Final = line
        self._owner: Final = owner
        self._spaces: Final = spaces
        self._blocks: list[Block] = []
        self._size = 0
        self._bodies: list[bytes] = []
        self.sent = 0
        """Bytes of blocks that the node did not have."""

    async def take(self, piece: Piece) -> None:
        """The next piece; raises what the node answers."""
        if piece.kind is Kind.BLOCK:
            await self._room(piece)
            self._blocks.append(piece.block)
            self._size += len(piece.block.data)
        elif piece.kind is Kind.BODY:
            await self._send(piece.number)
            self._bodies.append(piece.block.data)
        if piece.ends or len(self._bodies) == MAX_BODIES:
            await self._send(piece.number)
            await self._arrive(piece.number, piece.ends)

    async def _room(self, piece: Piece) -> None:
        size = self._size + len(piece.block.data)
        if len(self._blocks) == MAX_CIDS or size > MAX_FETCHED_BYTES:
            await self._send(piece.number)

    async def _send(self, number: int) -> None:
        """The blocks that wait to be sent, those of them that the node lacks."""
        blocks, self._blocks, self._size = self._blocks, [], 0
        if not blocks:
            return
        space = self._spaces[number].space
        asked = AskNeeded(self._owner, space, tuple(block.cid for block in blocks))

        async def ask(connected: Connected) -> Needed:
            return await connected.doors.replicas.needed(asked)

        needed = set((await self._line.call(ask)).cids)
        lacking = tuple(block for block in blocks if block.cid in needed)
        if not lacking:
            return

        async def bring(connected: Connected) -> Brought:
            return await connected.doors.replicas.bring(Bring(self._owner, space, lacking))

        await self._line.call(bring)
        self.sent += sum(len(block.data) for block in lacking)

    async def _arrive(self, number: int, ends: bool) -> None:
        """The records so far; with the last of them, the state."""
        at, bodies = self._spaces[number], tuple(self._bodies)
        self._bodies = []
        answer = await self._arrived(at, bodies)
        if ends and answer.below is not None:
            raise Stale(
                "the node has another history of this account than the file",
                hint="if it keeps a replica: 'holdfast move --without-old-home' makes it the home",
            )

    async def _arrived(self, at: At, bodies: tuple[bytes, ...]) -> Arrived:
        pointer, record = at.pointer.encoded, at.record.encoded
        request = Arrive(self._owner, at.space, pointer, record, bodies)

        async def ask(connected: Connected) -> Arrived:
            return await connected.doors.replicas.arrive(request)

        for _ in range(PATIENCE):
            try:
                return await self._line.call(ask)
            except TimedOut:  # it counts the blocks of a large state: what it began goes on
                continue
        raise ProtocolViolation("the node does not come to an end with what was brought to it")
