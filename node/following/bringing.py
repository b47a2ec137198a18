"""Bringing one space to where its home has it: believe, fetch, take.

A state is taken whole, when all its blocks are here, in one transaction; until then the one
before serves. It is admitted by the rule that commits go by (``storage.reachability``), so a
replica counts, checks and gives up what it holds as a home does.
"""

from collections.abc import Iterator
from functools import partial

from formats.cid import Cid
from formats.errors import Stale
from formats.identity import IdentityChain
from formats.root import Root
from formats.tree.diff import diff
from formats.tree.node import EMPTY
from node.core import Changed, Core, Moved
from node.following.handing import Hands
from node.following.line import Newer, newer
from node.following.pulling import Pull, open_session, session_of
from node.room import check_room, let_go, write_with_room
from node.trees import loader
from storage.contracts import (
    PastRow,
    RetainedRoot,
    SpaceKey,
    SpaceRow,
    Transaction,
    View,
)
from storage.reachability import admit_root, release_root


async def bring(core: Core, home: Hands, owner: IdentityChain, key: SpaceKey) -> bool:
    """Take what the home has of a space now; whether anything was new.

    Raises Forged, Stale and Forked for what is not believed, and what ``Pull`` raises.
    """
    to = await newer(core.store, home, owner, key)
    if to is None:
        return False
    await Pull(core, home, key).run(to.pointer.root)
    await core.store.read(partial(check_places, key=key, to=to))
    with core.gate.write():
        work = partial(take, key=key, to=to, now=core.clock.now_ms())
        await write_with_room(core.store, [key.owner], work)
    core.signals.fire(Moved(key))
    core.signals.fire(Changed(key.owner))
    return True


def check_places(view: View, key: SpaceKey, to: Newer) -> None:
    """Return if every new tree node is in its place; raises Malformed, Denied."""
    load = loader(view, (key,), session_of(key), {})
    old = Root(EMPTY.cid, EMPTY.cid) if to.before is None else _root(view, to.before.root)
    new = Root.decode(load(to.pointer.root))
    for before, after in ((old.tree, new.tree), (old.retired, new.retired)):
        for _ in diff(view.block, before, load, after):
            pass


def take(tx: Transaction, key: SpaceKey, to: Newer, now: int) -> None:
    """Put the space at its new pointer; what it stood at is kept for a while, as at a home."""
    before, at = to.before, to.pointer
    there = tx.space(key)
    if (there and there.pointer) != (before and before.pointer):
        raise Stale("the space was brought on by another task")
    admit_root(tx, key, at.root, open_session(tx, key, now))
    if before is not None and to.back is None:
        tx.retain(RetainedRoot(key, before.seq, before.root, before.pointer, now))
    elif before is not None and to.back is not None:
        for row in _above(tx, before, to.back.seq):
            let_go(tx, row)
        release_root(tx, key, before.root)
    for body in to.bodies:
        tx.add_history(key, body.seq, body.data)
    tx.add_history(key, at.seq, at.body)
    tx.put_space(SpaceRow(key, to.record.encoded, at.encoded, at.seq, at.root, 0))
    tx.close_session(session_of(key))
    check_room(tx, key.owner)


def _above(view: View, before: SpaceRow, seq: int) -> Iterator[PastRow]:
    """Superseded states that are not in the line any more."""
    return iter([row for row in view.past(before.key) if row.seq > seq])


def _root(view: View, cid: Cid) -> Root:
    return Root.decode(view.block(cid))
