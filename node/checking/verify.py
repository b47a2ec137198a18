"""Everything a node holds, checked while it serves. START HERE.

    the back end's own files and sums       one view
    accounts, sums, sessions, inboxes       one view each
    deep: every stored block hashed         a page of blocks a view
    each space                              one view, so that it is checked at one moment

Without ``deep``, segments are not read: that they are there is known from their packs
and sizes, and if a pack is short, everything is read after all. Everything that has
structure (roots, tree nodes, leaves) is hashed always.
Memory stays the same whatever there is, but for what is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from formats.cid import Cid
from node.checking.blocks import MOST_LOST, Page, check_page
from node.checking.findings import Finding, Findings, Wrong
from node.checking.pace import Pace, Stopped
from node.checking.people import check_accounts, check_inboxes, check_sums
from node.checking.space import check_space
from storage.contracts import SpaceKey, Store, View


@dataclass(frozen=True, slots=True)
class Report:
    """What a check looked at (spaces; blocks, some of them twice; bytes hashed) and found."""

    spaces: int
    blocks: int
    bytes: int
    found: Findings


async def verify(
    store: Store,
    deep: bool = False,
    pace: Pace | None = None,
    told: Callable[[Finding], None] | None = None,
) -> Report:
    """Check everything. ``told`` is called with each finding, in a thread of the store's.

    When this is cancelled, what is being looked at just then is the last.
    """
    pace, found = pace or Pace(), Findings(told)
    try:
        spaces = await _verify(store, deep, found, pace)
    finally:
        pace.stop.set()
    return Report(spaces, pace.blocks, pace.bytes, found)


async def _verify(store: Store, deep: bool, found: Findings, pace: Pace) -> int:
    for check in (_faults, check_accounts, check_sums, check_inboxes):
        await _look(store, partial(check, found=found, pace=pace))
    deep = deep or found.counts[Wrong.STORE] > 0  # whose blocks it is, only reading all can say
    lost = await _lost(store, pace) if deep else frozenset[Cid]()
    keys = await store.read(_keys)
    for key in keys:
        await _look(store, partial(check_space, key=key, lost=lost, found=found, pace=pace))
    if lost:
        await _look(store, partial(_staged, lost=lost, found=found, pace=pace))
    return len(keys)


async def _look(store: Store, check: Callable[[View], None]) -> None:
    """Run a check in a thread; one that was told to stop has nobody to tell."""

    def work(view: View) -> None:
        try:
            check(view)
        except Stopped:
            return

    await store.read(work)


def _faults(view: View, found: Findings, pace: Pace) -> None:
    pace.step()
    for said in view.faults():
        found.add(Finding(Wrong.STORE, said))


def _keys(view: View) -> list[SpaceKey]:
    return [row.key for row in view.spaces()]


async def _lost(store: Store, pace: Pace) -> frozenset[Cid]:
    """Every stored block whose bytes are not its own."""
    lost: set[Cid] = set()
    after = -1
    while after:
        page: Page = await store.read(partial(_page, after=max(after, 0), pace=pace))
        lost.update(page.lost[: MOST_LOST - len(lost)])
        after = page.after
    return frozenset(lost)


def _page(view: View, after: int, pace: Pace) -> Page:
    try:
        return check_page(view, after, pace)
    except Stopped:
        return Page(0, ())


def _staged(view: View, lost: frozenset[Cid], found: Findings, pace: Pace) -> None:
    """Lost blocks that nobody has committed yet: whoever staged them will be refused, and told."""
    for session in view.sessions():
        pace.step()
        for cid in lost:
            if view.is_staged(session.session, cid):
                said = "a staged block is damaged: its upload has to be begun again"
                found.add(Finding(Wrong.BLOCK, said, session.key.owner, session.key, cid))
