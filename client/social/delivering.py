"""Delivering one message: by couriers where some are known, else straight.

    couriers known    one way after the other, at random, until the target's home has answered
    none of them is   straight, from an identity of this run of the daemon: that home sees
    there             the network address of this machine, and nothing else
    none brings it    it waits, and goes straight when it has waited for ``STRAIGHT_AFTER``

The home's answer is sealed to us, so no courier can say in its place that it was taken.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final

import trio

from client.asking import ask_once
from client.home import Connected, HomeLine, check_meant, close
from client.session import Session
from client.social.carrying import Way, opened
from formats.drop import Drop, day_of
from formats.errors import (
    Denied,
    Expired,
    HoldfastError,
    TimedOut,
    TooMany,
    Unfit,
    Unreachable,
)
from formats.whereabouts import Home, primary
from protocols.courier import AskKnown, Node
from protocols.inbox import Leave
from protocols.services import Doors

MAX_WORK: Final = 24
"""Most bits of work that a home may ask for: some ten seconds."""
PATIENCE: Final = 20.0
"""Seconds for one attempt."""
TRIES: Final = 3
"""Ways that are tried one after the other."""
MOST_TRIED: Final = 8
"""The same with those whose first node is not there, or does not do it."""
ASK_AGAIN: Final = 600.0
"""Seconds after which the home is asked again whom it has met."""
STRAIGHT_AFTER: Final = 3600 * 1000
"""Milliseconds for which a message waits when couriers are there, and none can bring it."""

_UNPAID: Final = (Denied, Expired, TooMany)
"""Why a home does not take a token: then the next way of paying serves."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A sealed message for somebody (an identity id), of ``time`` (ms), with tokens to try.

    ``work``: bits that their home asks for, as they said; it may be another price by now.
    """

    to: bytes
    sealed: bytes
    time: int
    tokens: tuple[bytes, ...] = ()
    work: int | None = None


async def deliver(
    session: Session, parcel: Parcel, homes: tuple[Home, ...], friends: Iterable[Home]
) -> None:
    """Have it taken by the home among ``homes``; ``friends``: homes that may carry it.

    Raises why it was not taken: Unreachable and TimedOut when nobody knows whether it was.
    """
    if not await _by_couriers(session, parcel, homes, friends):
        await _straight(session, parcel, homes)


async def _by_couriers(
    session: Session, parcel: Parcel, homes: tuple[Home, ...], friends: Iterable[Home]
) -> bool:
    """Whether it was taken; False if no courier is there or does it, or none could for long."""
    own = session.whereabouts.home
    near = own.peer == session.around.here
    known = [*friends, *await _met(session)]
    away: set[bytes] = set()
    ways = session.couriers.ways(known, own, near, homes, session.around.random, away)
    stuck = 0
    for couriers in islice(ways, MOST_TRIED):
        try:
            doors = await session.around.network.reach(couriers[0])
        except Unreachable:
            away.add(couriers[0].peer)
            continue
        try:
            with trio.fail_after(PATIENCE):
                verdict = await _along(session, doors, couriers, parcel, primary(homes))
        except (Denied, Unfit):
            continue  # this one does not do it
        except (HoldfastError, trio.TooSlowError):
            stuck += 1
            if stuck == TRIES:
                break
            continue
        finally:
            await close(doors)
        if verdict is not None:
            raise verdict
        return True
    if stuck and session.around.now() - parcel.time < STRAIGHT_AFTER:
        raise Unreachable("no courier could bring it")
    return False


async def _along(
    session: Session, doors: Doors, couriers: Sequence[Home], parcel: Parcel, home: Home
) -> HoldfastError | None:
    """What that home says; what is not known any more is asked for again the next time."""
    try:
        check_meant(doors, couriers[0].peer)
        way = await opened(session, doors, couriers, home)
        return await _paid(parcel, way)
    except HoldfastError:
        for each in couriers:
            session.couriers.hops.pop(each.peer, None)
        raise


async def _paid(parcel: Parcel, way: Way) -> HoldfastError | None:
    """With the tokens, then with work: what the home says to the last of them."""
    day = day_of(way.target.time)
    for token in parcel.tokens:
        drop = Drop(parcel.to, day, token=token)
        verdict = await way.leave(drop.encoded, parcel.sealed)
        if not isinstance(verdict, _UNPAID):
            return verdict
    worked = await _worked(parcel, day, way.target.work_bits)
    return await way.leave(worked.encoded, parcel.sealed)


async def _straight(session: Session, parcel: Parcel, homes: tuple[Home, ...]) -> None:
    """From one identity of this run of the daemon: so that home may know that it was greeted."""
    home = primary(homes)
    if await _left_for_a_token(session, parcel, home):
        return
    if await _left_for_known_work(session, parcel, home):
        return
    try:
        await _left_at(session, parcel, home)
    except _UNPAID:
        if not session.greeted.forget(home.peer):
            raise
        await _left_at(session, parcel, home)  # it has another clock or price by now


async def _left_for_a_token(session: Session, parcel: Parcel, home: Home) -> bool:
    """Whether it took one of the tokens. What a token costs needs not be asked: no greeting."""
    for token in parcel.tokens:
        drop = Drop(parcel.to, day_of(session.around.now()), token=token)
        if await _is_taken(session, parcel, home, drop):
            return True  # else used up or withdrawn: the next one serves, or work
    return False


async def _left_for_known_work(session: Session, parcel: Parcel, home: Home) -> bool:
    """Whether it was taken for what that home asks by the word of who lives there: no greeting."""
    if parcel.work is None or parcel.work > MAX_WORK or session.greeted.get(home.peer) is not None:
        return False
    drop = await _worked(parcel, day_of(session.around.now()), parcel.work)
    return await _is_taken(session, parcel, home, drop)


async def _is_taken(session: Session, parcel: Parcel, home: Home, drop: Drop) -> bool:
    """Whether that home takes a message for this, without being greeted."""

    async def ask(doors: Doors) -> None:
        await doors.inbox.leave(Leave(drop.encoded, parcel.sealed))

    try:
        with trio.fail_after(PATIENCE):
            await ask_once(session.around.network, [home], ask)
    except _UNPAID:
        return False
    except trio.TooSlowError:
        raise TimedOut("the home did not answer in time") from None
    return True


async def _left_at(session: Session, parcel: Parcel, home: Home) -> None:
    line = HomeLine(session.around.network, [home], greeted=session.greeted)
    try:
        with trio.fail_after(PATIENCE):
            await leave(line, parcel)
    except trio.TooSlowError:
        raise TimedOut("the home did not answer in time") from None
    finally:
        await line.aclose()


async def leave(line: HomeLine, parcel: Parcel) -> None:
    """Leave it at the home itself, with work."""
    await line.call(partial(_ask, parcel))


async def _ask(parcel: Parcel, connected: Connected) -> None:
    day = day_of(connected.server_time())
    drop = await _worked(parcel, day, connected.hello.work_bits)
    await connected.doors.inbox.leave(Leave(drop.encoded, parcel.sealed))


async def _worked(parcel: Parcel, day: int, bits: int) -> Drop:
    if bits > MAX_WORK:
        raise Unfit(f"that home asks for {bits} bits of work, which is too much")
    return await trio.to_thread.run_sync(Drop.worked, parcel.to, day, parcel.sealed, bits)


async def _met(session: Session) -> tuple[Home, ...]:
    """Nodes that one's home has met, asked for now and then; those known before if it is away."""
    couriers, now = session.couriers, trio.current_time()
    if couriers.asked is None or now - couriers.asked > ASK_AGAIN:
        couriers.asked = now
        with suppress(HoldfastError):  # a home that does not say: contacts' homes serve as well
            nodes = await session.line.call(_known)
            couriers.met = tuple(Home(each.peer, each.addresses) for each in nodes)
    return couriers.met


async def _known(connected: Connected) -> Sequence[Node]:
    """What the home said when it was shown the keys, the first time; then it is asked."""
    nodes, connected.met = connected.met, None
    if nodes is None or trio.current_time() - connected.since > ASK_AGAIN:
        nodes = (await connected.doors.courier.known(AskKnown())).nodes
    return nodes
