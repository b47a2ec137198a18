"""Deleting an account at the accounts door."""

from functools import partial

import trio

from formats.farewell import Farewell
from node import departures
from node.core import Changed, Moved
from node.departures import Departure
from node.logs import Log
from node.services.door import writes
from node.services.succeeding import Succeeding
from protocols import accounts as a
from storage.contracts import SpaceKey, Transaction, View

_log = Log("node.accounts")


class Departing(Succeeding):
    """The part of the accounts door where an account ends."""

    @writes
    async def depart(self, request: a.Depart) -> a.Departed:
        """Delete the account, and say what there was of it."""
        farewell, now = Farewell.decode(request.farewell), self.now()
        look = partial(self._found, name=request.name, farewell=farewell)
        found = await self.core.store.read(look)
        if isinstance(found, bytes):
            return a.Departed(found)
        spaces = await self.core.store.read(partial(_spaces, owner=farewell.id))

        def work(tx: Transaction) -> tuple[bytes, bool]:
            again = look(tx)  # somebody else may have changed it, or asked the same
            if isinstance(again, bytes):
                return again, False
            return departures.carry_out(tx, self.core, again, now), True

        # Whoever gives up waits for the end of this all the same: what was written must be said.
        with trio.CancelScope(shield=True):
            receipt, fresh = await self.core.store.write(work)
        if fresh:
            self._tell(farewell.id, spaces)
        return a.Departed(receipt)

    def _found(self, view: View, name: str, farewell: Farewell) -> Departure | bytes:
        """What may be carried out, or the receipt of what was."""
        receipt = departures.repeated(view, self.caller, farewell)
        if receipt is not None:
            return receipt
        row = self._let_in(view, name)
        return departures.examine(view, self.caller, row, farewell, self.core.peer)

    def _tell(self, id: bytes, spaces: list[SpaceKey]) -> None:
        """Those who wait for something of it hear that there is nothing; replicas, too."""
        for key in spaces:
            self.core.signals.fire(Moved(key))
        self.core.signals.fire(Changed(id))
        self.core.signals.fire(Changed(b""))
        self.core.finder.changed(id)
        _log.info("an account was deleted by its owner", spaces=len(spaces))


def _spaces(view: View, owner: bytes) -> list[SpaceKey]:
    return [row.key for row in view.spaces_of(owner)]
