"""A drop by couriers: an open way through one or two of them, and what its last node says.

    way = await opened(session, doors, [first, second], target)
    verdict = await way.leave(drop, sealed)

Everything after the first node is asked for and left through it: the records of the second
and of the target too, so none of them hears of this machine.
"""

from collections.abc import Sequence
from typing import Final

import trio

from client.session import Session
from crypto.secret import random_secret
from formats.courier.envelope import (
    MAX_NEXT_ADDRESSES,
    MOST_COURIERS,
    Arrive,
    Enquire,
    Hop,
    Posted,
    post,
)
from formats.courier.record import CourierRecord
from formats.courier.reply import Reply
from formats.errors import Forged, HoldfastError, Unfit
from formats.whereabouts import Home
from protocols.courier import Carry, Show
from protocols.services import Doors

MAX_BITS: Final = 18
"""Most bits of work for an envelope: more would be a courier that wastes our time."""


class Way:
    """Made by ``opened``."""

    def __init__(self, doors: Doors, hops: Sequence[Hop], target: Hop) -> None:
        self._doors: Final = doors
        self._hops: Final = (*hops, target)
        self.target: Final = target.record

    async def leave(self, drop: bytes, sealed: bytes) -> HoldfastError | None:
        """Leave a drop; why the target's home did not take it, None if it did.

        Raises what went wrong on the way: then it is not known whether it arrived.
        """
        last = Arrive(drop, random_secret())
        posted = await trio.to_thread.run_sync(post, self._hops, last, sealed)
        return (await _carried(self._doors, posted, last)).error


async def opened(session: Session, doors: Doors, couriers: Sequence[Home], target: Home) -> Way:
    """A way to a home through couriers; ``doors``: a connection to the first of them.

    Raises Unfit when one of them passes nothing on, Forged, and whatever they say.
    """
    if not 1 <= len(couriers) <= MOST_COURIERS:
        raise Unfit("a way goes through one or two couriers")
    hops: list[Hop] = []
    for home in couriers:
        hops.append(_fresh(session, home) or await _noted(session, doors, hops, home))
    return Way(doors, hops, await _asked(doors, hops, target))


async def _noted(session: Session, doors: Doors, before: Sequence[Hop], home: Home) -> Hop:
    """A courier's record, from itself if it is the first, else through those before it."""
    if before:
        hop = await _asked(doors, before, home)
    else:
        shown = await doors.courier.show(Show())
        hop = Hop(_short(home), _checked(shown.record, home.peer))
    if not hop.record.passes:
        session.couriers.idle.add(home.peer)
        raise Unfit("that node passes nothing on")
    session.couriers.hops[home.peer] = hop
    return hop


async def _asked(doors: Doors, before: Sequence[Hop], home: Home) -> Hop:
    """A node's record, through those before it. The target's is asked for each time: whether
    it is known would tell the target who has written to it lately.
    """
    short = _short(home)
    last = Enquire(short, random_secret())
    posted = await trio.to_thread.run_sync(post, before, last)
    reply = await _carried(doors, posted, last)
    if reply.error is not None or reply.record is None:
        raise Forged("a courier answered without the record that it was asked for")
    return Hop(short, _checked(reply.record, home.peer))


async def _carried(doors: Doors, posted: Posted, last: Arrive | Enquire) -> Reply:
    carried = await doors.courier.carry(Carry(posted.left, posted.work, posted.envelope))
    return Reply.open(carried.reply, last.reply)


def _fresh(session: Session, home: Home) -> Hop | None:
    hop = session.couriers.hops.get(home.peer)
    if hop is None or session.around.now() >= hop.record.expires:
        return None
    return hop


def _short(home: Home) -> Home:
    return Home(home.peer, home.addresses[:MAX_NEXT_ADDRESSES], home.role)


def _checked(data: bytes, peer: bytes) -> CourierRecord:
    record = CourierRecord.read(data, peer)
    if record.bits > MAX_BITS:
        raise Unfit(f"a courier asks for {record.bits} bits of work, which is too much")
    return record
