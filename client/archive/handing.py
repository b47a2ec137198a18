"""What a home hands to the owner of an account: blocks, and records of what was before.

It is asked as a replica asks (``protocols.replicas``), and believed as little: blocks come
hashed, and what was not asked for is refused.
"""

from collections.abc import Sequence

from client.home import Connected, HomeLine
from formats.cid import Block, Cid
from formats.errors import MissingBlock, ProtocolViolation
from protocols.replicas import MAX_CIDS, AskLine, Fetch, Fetched, Line


async def blocks_of(line: HomeLine, owner: bytes, space: bytes, cids: Sequence[Cid]) -> list[Block]:
    """All of these, in as many answers as it takes; raises MissingBlock, ProtocolViolation."""
    found: list[Block] = []
    left = dict.fromkeys(cids)
    while left:
        request = Fetch(owner, space, tuple(left)[:MAX_CIDS])

        async def ask(connected: Connected, request: Fetch = request) -> Fetched:
            return await connected.doors.replicas.fetch(request)

        blocks = (await line.call(ask)).blocks
        if not blocks:
            raise MissingBlock.of(next(iter(left)))
        for block in blocks:
            if block.cid not in left:
                raise ProtocolViolation("the home sent a block that was not asked for")
            del left[block.cid]
        found += blocks
    return found


async def bodies_of(line: HomeLine, owner: bytes, space: bytes, below: int) -> tuple[bytes, ...]:
    """Records of a space below that number, newest first, some of them at least."""
    request = AskLine(owner, space, below)

    async def ask(connected: Connected) -> Line:
        return await connected.doors.replicas.line(request)

    found = (await line.call(ask)).bodies
    if not found:
        raise ProtocolViolation("the home left out older records of a space")
    return found
