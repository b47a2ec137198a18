"""Other identity keys at the accounts door."""

from functools import partial

import trio

from formats.errors import Conflict as TooContended
from node import successions
from node.commits import Conflicted, Overtaken
from node.core import Changed, Moved
from node.logs import Log
from node.room import write_with_room
from node.services.door import writes
from node.services.signing_in import SigningIn
from node.successions import Succession
from protocols import accounts as a
from protocols import pointers as p
from storage.contracts import Transaction, View

_log = Log("node.accounts")

ATTEMPTS = 8
"""How often a request is examined anew when others keep changing what it stands on."""


class Succeeding(SigningIn):
    """The part of the accounts door where an identity goes on under other keys."""

    @writes
    async def succeed(self, request: a.Succeed) -> a.Succeeded | p.Conflict:
        """Put other keys in force, with everything that stands by them."""
        for _ in range(ATTEMPTS):
            now = self.now()
            found = await self.core.store.read(partial(self._examine, request=request, now=now))
            if isinstance(found, Conflicted):
                return p.Conflict(found.current)
            try:
                await self._carry_out(found, request, now)
            except Overtaken:
                continue
            return a.Succeeded()
        raise TooContended("the account is being changed by others at the same time")

    def _examine(self, view: View, request: a.Succeed, now: int) -> Succession | Conflicted:
        row = self._let_in(view, request.name)
        inline = {block.cid: block.data for block in request.blocks}
        return successions.examine(view, self.caller, row, request, inline, self.core.peer, now)

    async def _carry_out(self, found: Succession, request: a.Succeed, now: int) -> None:
        id = found.row.id

        def work(tx: Transaction) -> None:
            self._let_in(tx, request.name)
            successions.carry_out(tx, self.caller, found, request, now)

        # Whoever gives up waits for the end of this all the same: what was written must be said.
        with trio.CancelScope(shield=True):
            await write_with_room(self.core.store, {id}, work)
        for step in found.examined.steps:
            self.core.signals.fire(Moved(step.key))
        self.core.signals.fire(Changed(id))
        self.core.finder.changed(id)
        _log.info("other identity keys", seq=len(found.after.chain) - 1)
