"""Whom this node follows: one task for each account that it was granted. START HERE.

A grant that is given is taken by ``node/services/replicas.py``, which fires a signal. It is
heeded here: an account that is followed gets a task (``follower.py``), one that is not any
more is given up (``leaving.py``).
"""

from collections.abc import Iterable
from functools import partial
from typing import Final

import trio

from formats.errors import HoldfastError
from formats.replica import ReplicaGrant
from node.core import Changed, Core
from node.following.follower import Follower, say_goodbye
from node.following.leaving import leave
from node.following.standing import Noted, followed, is_over
from node.logs import Log
from protocols.services import Network
from storage.contracts import ReplicaRow, View

LOOK_AGAIN: Final = 3600.0
"""Seconds after which grants are looked at again though nothing was heard of any: they end."""

_log: Final = Log("node.replicas")


class Following:
    """Starts and ends what follows. ``network`` dials as this node."""

    def __init__(self, core: Core, network: Network) -> None:
        self._core: Final = core
        self._network: Final = network
        self._tasks: dict[bytes, trio.CancelScope] = {}

    async def run(self) -> None:
        """Follow whom this node may follow, until cancelled."""
        async with trio.open_nursery() as nursery:
            while True:
                with self._core.signals.listening(Changed(b"")) as changed:
                    await self._heed(nursery)
                    with trio.move_on_after(LOOK_AGAIN):
                        await changed.wait()

    async def _heed(self, nursery: trio.Nursery) -> None:
        now = self._core.clock.now_ms()
        if not self._core.store.keeps_house:  # another process of this node does
            return
        rows = await self._core.store.read(lambda view: list(followed(view, self._core.peer)))
        wanted = {row.owner for row in rows if is_followed(row, now)}
        for owner in [owner for owner in self._tasks if owner not in wanted]:
            self._tasks.pop(owner).cancel()
        for row, where in await self._core.store.read(partial(_over, rows=rows)):
            if ReplicaGrant.decode(row.grant).holds(now):
                nursery.start_soon(self._say_goodbye, row, where)
            await self._leave(row.owner)
        for owner in wanted - self._tasks.keys():
            self._tasks[owner] = trio.CancelScope()
            nursery.start_soon(self._follow, owner, self._tasks[owner])

    async def _follow(self, owner: bytes, scope: trio.CancelScope) -> None:
        with scope:
            await Follower(self._core, self._network, owner).run()
        if self._tasks.get(owner) is scope:
            del self._tasks[owner]

    async def _say_goodbye(self, row: ReplicaRow, where: bytes) -> None:
        """Once: an owner who does not hear it sees that the replica does not ask any more."""
        try:
            await say_goodbye(self._network, row, where)
        except HoldfastError as error:
            _log.debug("home away", kind=type(error).__name__)

    async def _leave(self, owner: bytes) -> None:
        try:
            await leave(self._core, owner)
        except HoldfastError as error:
            _log.error("cannot give up a replica", kind=type(error).__name__)


def is_followed(row: ReplicaRow, now: int) -> bool:
    """Whether the account of this row is to be followed."""
    return ReplicaGrant.decode(row.grant).holds(now) and Noted.decode(row.noted).allowed > 0


def _over(view: View, rows: Iterable[ReplicaRow]) -> list[tuple[ReplicaRow, bytes]]:
    """Those of whom something is held that is not to be, with the owner's whereabouts.

    What settled in here is not held as a replica any more; of who took leave of this node
    nothing is held but what says so.
    """
    over = [row for row in rows if is_over(row) and not _is_kept(view, row.owner)]
    people = [(row, view.identity(row.owner)) for row in over]
    return [(row, person.whereabouts) for row, person in people if person is not None]


def _is_kept(view: View, owner: bytes) -> bool:
    if view.account_of(owner) is not None:
        return True
    return view.departure(owner) is not None and not any(view.spaces_of(owner))
