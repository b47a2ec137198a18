"""Setting right what a check found: lost blocks from elsewhere, counts and sums from what there is.

    a lost block            from a source that has its very bytes, known by their hash
    a wrong count           set to the number of links there are
    a wrong sum             counted anew from the rows
    everything else         left for a person: it is signed, or needs their own machine

What is left is written down for the people whose it is (``lost.py``): their own machines may
have kept it. Nothing is thrown away. Damaged bytes that are replaced are first put aside as a file
of their own; what cannot be replaced stays as it is, whatever is left of it. Each
thing is mended in a transaction of its own, so a repair that was killed or ran out
of room is run again and does the rest.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

import trio

from formats.cid import Block, Cid
from formats.errors import BadBlock, Malformed, MissingBlock
from node.checking.blocks import bytes_of
from node.checking.findings import Finding, Wrong
from node.checking.lost import remember
from node.checking.pace import Pace
from node.checking.space import state_of
from node.checking.verify import Report, verify
from storage.contracts import Store, Transaction

ROUNDS: Final = 8
"""A tree node that is back lets a check see what is lost below it: so often at most."""


class Source(Protocol):
    """Somewhere that may still have a block."""

    async def find(self, cid: Cid) -> bytes | None:
        """Bytes that are said to be this block's, to be hashed; None when it has none."""
        ...


class Aside(Protocol):
    """Where damaged bytes are kept."""

    def put(self, cid: Cid, data: bytes) -> None:
        """Keep them, durably; keeping the same twice is no error."""
        ...


@dataclass(frozen=True, slots=True)
class Repaired:
    """How many blocks and counts were set right, whether sums were counted anew, what is left."""

    blocks: int
    counts: int
    recounted: bool
    left: Report


async def repair(
    store: Store,
    sources: Sequence[Source],
    aside: Aside,
    pace: Callable[[], Pace] = Pace,
    told: Callable[[Finding], None] | None = None,
) -> Repaired:
    """Check everything deeply, mend what can be mended, and check again until no more can be.

    ``told``: called with each finding of the first check. Raises DiskFull and
    StorageFailed where nothing can be written; what was mended until then stays.
    """
    blocks = counts = 0
    recounted = False
    report = await verify(store, True, pace(), told)
    for _ in range(ROUNDS):
        found = report.found.listed
        mended = await _mend_blocks(store, found, sources, aside)
        recount = not recounted and any(each.wrong in (Wrong.SUM, Wrong.STORE) for each in found)
        if recount:
            await store.write(lambda tx: tx.recount())
        counted = await _set_counts(store, found)
        if not (mended or counted or recount):
            break
        blocks, counts, recounted = blocks + mended, counts + counted, recounted or recount
        report = await verify(store, True, pace())
    await store.write(partial(remember, found=report.found.listed))
    return Repaired(blocks, counts, recounted, report)


async def _mend_blocks(
    store: Store, found: Iterable[Finding], sources: Sequence[Source], aside: Aside
) -> int:
    lost = [each.cid for each in found if each.wrong is Wrong.BLOCK and each.cid is not None]
    return sum([await _mend(store, cid, sources, aside) for cid in dict.fromkeys(lost)])


async def _mend(store: Store, cid: Cid, sources: Sequence[Source], aside: Aside) -> bool:
    """Whether the block was replaced."""
    for source in sources:
        block = await _from(source, cid)
        if block is not None:
            return await put_back(store, block, aside)
    return False


async def put_back(store: Store, block: Block, aside: Aside) -> bool:
    """Store a block in place of what is damaged, which is put aside; whether it was known."""
    stored = await store.read(partial(bytes_of, cid=block.cid))
    if stored is not None and not block.cid.matches(stored):
        await trio.to_thread.run_sync(aside.put, block.cid, stored)
    return await store.write(partial(_replace, block=block))


async def _from(source: Source, cid: Cid) -> Block | None:
    data = await source.find(cid)
    try:
        return None if data is None else Block.checked(cid, data)
    except (BadBlock, Malformed):
        return None


def _replace(tx: Transaction, block: Block) -> bool:
    return tx.mend(block)


async def _set_counts(store: Store, found: Iterable[Finding]) -> int:
    return sum(
        [await store.write(partial(_set_count, finding=each)) for each in found if each.is_count]
    )


def _set_count(tx: Transaction, finding: Finding) -> bool:
    """Set a count right, unless the space has changed since it was found wrong."""
    key, cid, count = finding.key, finding.cid, finding.count
    if key is None or cid is None or count is None or state_of(tx, key) != finding.state:
        return False
    try:
        tx.set_reference(key, cid, count, finding.kind)
    except MissingBlock:
        return False
    return True
