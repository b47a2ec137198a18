"""Having a node copy all of one's spaces from another one: as a replica follows its home.

The node that copies believes signatures and hashes alone, and goes on where it stopped. Here
is only seen to that it may, and how far it is.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import trio

from client.answers import handed_over
from client.home import Connected, HomeLine
from client.marks import MemoryMarks
from client.replicas import ANY, give, give_first, next_grant, standings
from client.session import Session, own_line, own_provers
from client.sharing import guests
from client.social.store import look
from formats.errors import (
    Denied,
    Forged,
    HoldfastError,
    NotKept,
    TimedOut,
    Unfit,
    Unreachable,
)
from formats.pointer import Pointer
from formats.replica import ReplicaGrant
from formats.whereabouts import Home
from protocols.pointers import Resolve

PATIENCE: Final = 120.0
"""Seconds in which a node has to copy something more, or it is given up on."""

PAUSES: Final = (0.05, 1.0)
"""Seconds between two looks at how far it is, at first and at most."""

Heads = dict[bytes, tuple[int, bytes]]
"""Number and hash of the newest pointer, by space id."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node and a line to it on which the owner's keys are shown."""

    home: Home
    line: HomeLine


@asynccontextmanager
async def node_at(
    session: Session, home: Home, spaces: Iterable[bytes] = ()
) -> AsyncIterator[Node]:
    """A line to a node where these spaces of one's own, and the root space, can be asked for."""
    line = own_line(session.around, home, session.bundle)
    try:
        yield Node(home, await with_spaces(session, line, spaces))
    finally:
        await line.aclose()


async def with_spaces(session: Session, line: HomeLine, spaces: Iterable[bytes]) -> HomeLine:
    """The line, on which the member keys of these spaces are shown, too."""
    for space in spaces:
        if space != session.bundle.space:
            for prover in await trio.to_thread.run_sync(own_provers, session.bundle, space):
                line.show(prover)
    return line


async def own_spaces(session: Session) -> tuple[bytes, ...]:
    """The ids of all of one's spaces, the root space first; as far as is known here."""
    others = [each.space for each in await guests.everything(await look(session))]
    return (session.bundle.space, *others)


async def spaces_known(session: Session, replica: Home) -> tuple[bytes, ...]:
    """The same without the home: as far as is known here, else as the replica knows it.

    The replica may be behind, so what was seen here is not held against it: only who signed it.
    """
    try:
        return await own_spaces(session)
    except (Unreachable, TimedOut, NotKept):
        line = own_line(session.around, replica, session.bundle)
        chain, where = session.chain, session.whereabouts
        there = Session(
            session.around, session.name, chain, where, session.bundle, line, MemoryMarks()
        )
        try:
            return await own_spaces(there)
        finally:
            await there.aclose()


async def heads(session: Session, node: Node, spaces: Iterable[bytes]) -> Heads:
    """Where a node has each of these spaces; those that it does not have are left out."""
    found: Heads = {}
    for space in spaces:
        with suppress(Denied, Forged):  # a node that does not know the owner takes no proof
            found[space] = await _head(session, node, space)
    return found


async def _head(session: Session, node: Node, space: bytes) -> tuple[int, bytes]:
    async def ask(connected: Connected) -> bytes:
        return (await connected.doors.pointers.resolve(Resolve(session.id, space, None))).pointer

    shown = await node.line.call(ask)
    with handed_over("pointer of yours"):
        pointer = Pointer.decode(shown)
    return pointer.seq, pointer.hash


async def let_copy(
    session: Session, source: Node, target: Node, invite: bytes | None = None
) -> None:
    """Let ``target`` follow ``source``. May be repeated; raises BadInvite, Unreachable.

    The source first, so that it knows who asks; if the target does not do it, the leave is
    taken back.
    """
    grant = await leave_for(session, source, target)
    await give(session, source.line, grant)
    try:
        await give_first(session, target.home, grant, invite)
    except HoldfastError:
        await give(session, source.line, await leave_for(session, source, target, ceiling=0))
        raise


async def leave_for(
    session: Session, source: Node, target: Node, ceiling: int = ANY
) -> ReplicaGrant:
    """A grant with a number above all that either of the two knows."""
    before: list[ReplicaGrant] = []
    for node in (source, target):
        with suppress(HoldfastError):
            known = await standings(session, node.line)
            before += [ReplicaGrant.decode(each.grant) for each in known]
    return next_grant(session, source.home.peer, target.home, ceiling, before)


async def copied(
    session: Session, wanted: Heads, target: Node, tell: Callable[[int], None]
) -> None:
    """Return when ``target`` has every one of these states; ``tell``: bytes that it holds.

    Raises Unfit with the reason that it gives for not following, TimedOut when nothing comes.
    """
    pause, longest = PAUSES
    last, since = None, trio.current_time()
    while await heads(session, target, wanted) != wanted:
        told, used = await _progress(session, target)
        if told:
            raise Unfit(f"the new home does not take the copy: {told}")
        if (told, used) != last:
            last, since, pause = (told, used), trio.current_time(), PAUSES[0]
            tell(used)
        if trio.current_time() - since > PATIENCE:
            raise TimedOut("the new home has copied nothing more for two minutes")
        await trio.sleep(pause)
        pause = min(2 * pause, longest)


async def _progress(session: Session, target: Node) -> tuple[str, int]:
    """Why it does not follow, if so, and what it holds."""
    for each in await standings(session, target.line):
        if ReplicaGrant.decode(each.grant).peer == target.home.peer:
            return each.told, each.used
    return "", 0
