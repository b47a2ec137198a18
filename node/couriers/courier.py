"""One envelope: open it, do what its head says, answer.

A courier speaks to no other door than the next node's courier door, and dials no address
that means more to it than to who names it. It keeps nothing: an envelope is passed on while
its sender waits, and what went wrong is said.
"""

from collections.abc import Awaitable, Callable, Iterable
from random import SystemRandom
from typing import Final

import trio

from crypto.secret import Secret
from formats.courier.envelope import (
    Arrive,
    Enquire,
    Onward,
    Posted,
    check_work,
    fill,
    open_layer,
    sealed_size,
)
from formats.courier.reply import Reply
from formats.errors import Denied, HoldfastError, TimedOut
from formats.whereabouts import Home
from node.caller import Caller
from node.couriers.flow import Flow
from node.couriers.keys import Keys
from node.couriers.lines import Lines
from node.dht.contact import Contact
from node.dht.trust import Reach, believed, reach_of
from protocols import courier as c

BITS: Final = 10
"""Work asked for an envelope: a millisecond. It bounds what opening them costs in a flood."""

HOP_SECONDS: Final = 12.0
"""For each node that may come after, to be reached and to answer."""

Leave = Callable[[bytes, bytes], Awaitable[None]]
"""Takes a drop and its sealed message into this node's inboxes; raises what became of it."""


class Courier:
    """One node's. What ``lines`` go over, and ``met``, come once there is a network."""

    def __init__(self, seed: Secret, peer: bytes) -> None:
        self.keys: Final = Keys(seed, peer)
        self.flow: Final = Flow()
        self.peer: Final = peer
        self.lines: Final = Lines()
        self.met: Callable[[], Iterable[Home]] = tuple

    def some_met(self) -> tuple[c.Node, ...]:
        """Nodes that this one has met, in no order; at most as many as an answer holds."""
        met = [c.Node(each.peer, each.addresses) for each in self.met()]
        SystemRandom().shuffle(met)
        return tuple(met[: c.MAX_KNOWN])

    async def carry(
        self, request: c.Carry, caller: Caller, now: int, passes: bool, leave: Leave
    ) -> bytes:
        """The reply of the last node; raises what was wrong on the way."""
        posted = Posted(request.left, request.work, request.envelope)
        check_work(posted, self.peer, BITS)
        with self.flow.one(caller, now):
            head, rest = open_layer(posted, self.peer, self.keys.pairs(now))
            self.flow.check_new(posted.envelope[: sealed_size(posted.left)])
            if isinstance(head, Arrive):
                return await _arrived(head, rest, leave)
            if not passes:
                raise Denied("this node does not pass anything on")
            with trio.move_on_after(HOP_SECONDS * posted.left):
                return await self._onward(head, rest, posted.left, caller)
            raise TimedOut("the next node did not answer in time")

    async def _onward(
        self, head: Enquire | Onward, rest: bytes, left: int, caller: Caller
    ) -> bytes:
        self.flow.check_next(head.next.peer)
        async with self.lines.to(self._place(head.next, caller), caller) as doors:
            if isinstance(head, Enquire):
                shown = await doors.courier.show(c.Show())
                return Reply(record=shown.record).seal(head.reply)
            return (await doors.courier.carry(c.Carry(left - 1, head.work, fill(rest)))).reply

    def _place(self, next: Home, caller: Caller) -> Home:
        """The next node, at addresses that this caller may name; raises Denied."""
        contact = believed(Contact.of(next.peer, next.addresses), _reach(caller))
        if contact is None or next.peer == self.peer:
            raise Denied("this node passes nothing on to there")
        return Home(contact.peer, contact.addresses)


async def _arrived(head: Arrive, sealed: bytes, leave: Leave) -> bytes:
    try:
        await leave(head.drop, sealed)
    except HoldfastError as error:
        return Reply(error=error).seal(head.reply)
    return Reply().seal(head.reply)


def _reach(caller: Caller) -> Reach:
    """How near a caller is: its addresses mean nothing beyond."""
    if caller.local:
        return Reach.MACHINE
    host = caller.site if "." in caller.site or not caller.site else f"{caller.site}::"
    return reach_of(f"/ip{4 if '.' in host else 6}/{host}/tcp/1") if host else Reach.WORLD
