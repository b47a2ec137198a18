"""Which labels of a space have other leaves now: what an index that follows it asks."""

from typing import Final

from client.space.away import AwayReading
from client.space.reading import Reading
from client.space.tip_reading import TipReading
from formats.cid import Cid
from formats.errors import MissingBlock
from formats.root import Root
from formats.tree.diff import diff

MAX_FETCHED: Final = 512
"""Nodes fetched one after another for one comparison: beyond, looking at everything is quicker."""


async def changed_labels(before: Reading, now: Reading) -> set[bytes] | None:
    """The labels whose leaves differ between two readings of one view.

    None when it cannot be told: for a reader of somebody else's space, who gets no
    nodes by name, or when the older state is not at hand any more.
    """
    if not isinstance(before, TipReading) or not isinstance(now, TipReading):
        return None
    if before.view is not now.view:
        return None
    if before.tip.root == now.tip.root:
        return set()
    if not now.view.is_member:
        return None
    return await _compared(before, now)


async def _compared(before: TipReading, now: TipReading) -> set[bytes] | None:
    load, asked = now.view.cache.load, set[bytes]()
    while True:
        try:
            old, new = (Root.decode(load(each.tip.root)).tree for each in (before, now))
            return {change.label for change in diff(load, old, load, new)}
        except MissingBlock as missing:
            cid = missing.cid
            hopeless = cid is None or cid in asked or len(asked) > MAX_FETCHED
            if cid is None or hopeless or isinstance(now, AwayReading):
                return None
            asked.add(cid)
            await now.view.fetch_nodes([Cid(cid)])
