"""The pointers door: where a space is, moving it, and where it was."""

from functools import partial
from typing import Final

import trio

from formats.commit import Commit
from formats.errors import Conflict as TooContended
from formats.errors import TooLarge
from node import past
from node.authorise import as_member, as_owner, check_home, check_lives
from node.commits import Conflicted, Examined, Overtaken, carry_out, examine, resolved
from node.core import Changed, Moved
from node.room import write_with_room
from node.services.door import Door, answers, writes
from node.usage import usage, usage_of_guest
from protocols import pointers as p
from protocols.accounts import Usage
from storage.contracts import SpaceKey, Transaction, View

GARBAGE: Final = 1024
"""Blocks that giving up the past also takes off the disk: whoever asks needs the room now."""

ATTEMPTS: Final = 8
"""How often a commit is examined anew when others keep overtaking it."""


class Pointers(Door):
    """``protocols.services.Pointers`` for one connection."""

    @answers
    async def resolve(self, request: p.Resolve) -> p.Resolved:
        """The state of a space, for its members."""
        return await self._resolve(SpaceKey(request.owner, request.space), request.since)

    @writes
    async def move(self, request: p.Move) -> p.Committed | p.Conflict:
        """Commit, or say who was first."""
        weight = sum(len(block.data) for block in request.blocks)
        if weight > p.MAX_COMMIT_BYTES:
            raise TooLarge(f"a commit carries at most {p.MAX_COMMIT_BYTES} bytes of blocks")
        commit = Commit.decode(request.commit)
        await self.measure()
        if commit.session is None:
            self.core.gate.check_begin()
        inline = {block.cid: block.data for block in request.blocks}
        for _ in range(ATTEMPTS):
            now = self.now()
            found = await self.core.store.read(
                partial(examine, caller=self.caller, commit=commit, inline=inline, now=now)
            )
            if isinstance(found, Conflicted):
                return p.Conflict(found.current)
            self.core.gate.check_commit(self.core.config.limits, found.grows, weight)
            try:
                return await self._carry_out(found, request, now)
            except Overtaken:
                continue
        raise TooContended("too many others change the space at the same time")

    async def _carry_out(self, examined: Examined, request: p.Move, now: int) -> p.Committed:
        if examined.done:
            return p.Committed(await self.core.store.read(partial(_usage_after, examined)))

        def work(tx: Transaction) -> Usage:
            for step in examined.steps:
                check_home(tx, step.key.owner)  # a space that begins finds none that went away
                check_lives(tx, step.key.owner, self.core.peer)
            carry_out(tx, self.caller, examined, request.blocks, now)
            return _usage_after(examined, tx)

        # Whoever gives up waits for the end of this all the same: what was written must be said.
        with trio.CancelScope(shield=True):
            owners = {step.key.owner for step in examined.steps if examined.by_owner}
            found = await write_with_room(self.core.store, owners, work)
        for step in examined.steps:
            self.core.signals.fire(Moved(step.key))
            self.core.signals.fire(Changed(step.key.owner))
        return p.Committed(found)

    @answers
    async def watch(self, request: p.Watch) -> p.Resolved:
        """The state of a space when it is newer than ``seq``, or when the wait is over."""
        key = SpaceKey(request.owner, request.space)
        with trio.move_on_after(min(request.wait, p.MAX_WAIT) / 1000):
            await self._passed(key, request.seq)
        return await self._resolve(key, request.seq)

    async def _passed(self, key: SpaceKey, seq: int) -> None:
        """Return once the space's number is above ``seq``, however long that takes."""
        while True:
            with self.core.signals.listening(Moved(key)) as moved:
                at = await self.core.store.read(partial(as_member, caller=self.caller, key=key))
                if at.row.seq > seq:
                    return
                await moved.wait()

    @answers
    async def kept(self, request: p.Kept) -> p.States:
        """Superseded states that are held, some at a time."""
        key = SpaceKey(request.owner, request.space)

        def work(view: View) -> p.States:
            return past.states(view, as_member(view, self.caller, key).row, request.below)

        return await self.core.store.read(work)

    @answers
    async def weigh(self, request: p.Weigh) -> p.Weight:
        """How much they hold."""
        key = SpaceKey(request.owner, request.space)

        def work(view: View) -> p.Weight:
            return past.weight(view, as_member(view, self.caller, key).row)

        return await self.core.store.read(work)

    @answers
    async def pins(self, request: p.AskPins) -> p.Pins:
        """What is pinned."""
        key = SpaceKey(request.owner, request.space)

        def work(view: View) -> p.Pins:
            return past.pins(view, as_member(view, self.caller, key).row.key)

        return await self.core.store.read(work)

    @writes
    async def pin(self, request: p.Pin) -> p.Pins:
        """Keep a state until its owner says otherwise."""
        now = self.now()

        def work(tx: Transaction) -> p.Pins:
            as_owner(tx, self.caller, request.owner)
            return past.pin(tx, request, now)

        return await self.core.store.write(work)

    @writes
    async def unpin(self, request: p.Unpin) -> p.Pins:
        """Keep it no longer than others."""
        key = SpaceKey(request.owner, request.space)

        def work(tx: Transaction) -> p.Pins:
            as_owner(tx, self.caller, request.owner)
            tx.delete_pin(key, request.seq)
            return past.pins(tx, key)

        return await self.core.store.write(work)

    @writes
    async def let_go(self, request: p.LetGo) -> p.WentBy:
        """Give up superseded states now."""

        def work(tx: Transaction) -> p.WentBy:
            as_owner(tx, self.caller, request.owner)
            count, more = past.let_go_before(tx, request)
            tx.collect(GARBAGE)
            return p.WentBy(count, more, usage(tx, request.owner))

        return await self.core.store.write(work)

    async def _resolve(self, key: SpaceKey, since: int | None) -> p.Resolved:
        def work(view: View) -> p.Resolved:
            return resolved(view, as_member(view, self.caller, key).row, since)

        return await self.core.store.read(work)


def _usage_after(examined: Examined, view: View) -> Usage:
    """What whoever commits is told: the owner of the account, a guest of their own part."""
    first = examined.steps[0]
    if examined.by_owner:
        return usage(view, first.key.owner)
    return usage_of_guest(view, first.key, first.move.pointer.member)
