"""Moving house: the steps, in order. START HERE.

    prepared    the new home follows the old one, like a replica, until it has nearly everything
    switched    whereabouts that name the new home are published at the old one, which takes no
                change from that very moment on
    arrived     the new home has the very last state, and becomes the home
    settled     replicas follow the new home; friends are told; what waits at the old one is fetched

Every step may be repeated, so a move that was cut off anywhere is gone on with by the same call.
At every moment the newest whereabouts name one home, and no other takes changes: a change that
races with the move is copied, or is refused and tried again at the new home.

Without the old home a replica takes its place, from the state that it has: ``moved_without``.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

import trio

from client.answers import handed_over
from client.home import Connected
from client.identity.announce import announce, announce_at
from client.identity.settling import Papers, papers_for, settle
from client.identity.whereabouts import (
    check_newest,
    publish_at,
    replicas_of,
    sign_whereabouts,
    take_newest,
)
from client.moving import former
from client.moving.copying import (
    Heads,
    Node,
    copied,
    heads,
    leave_for,
    let_copy,
    node_at,
    own_spaces,
    spaces_known,
    with_spaces,
)
from client.moving.missing import Lack, code_of, go_on_from, lacks
from client.moving.opening import Opened
from client.moving.rehoming import at_home_of
from client.replicas import give
from client.session import Session
from client.social import tokens
from client.social.events import Event
from client.social.follow import tell_if_moved
from client.social.inbox import collect
from formats.errors import (
    Conflict,
    Denied,
    Forged,
    HoldfastError,
    TimedOut,
    Unfit,
    Unreachable,
)
from formats.whereabouts import MAX_HOMES, Home, HomeRole, Living, Whereabouts
from protocols.accounts import AskAccount
from protocols.directory import Look

UNKNOWN: Final = (Unreachable, TimedOut)
"""After these it is not known whether the new home took the account: nothing is taken back."""


@dataclass(slots=True)
class Moved:
    """A move that is done. ``session``: at the new home; ``problems``: tried again later."""

    session: Session
    events: list[Event] = field(default_factory=list)
    problems: list[HoldfastError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wish:
    """Where to, with whose leave, and under which account name there."""

    to: Home
    invite: bytes | None
    name: str


async def move(
    session: Session, opened: Opened, wish: Wish, tell: Callable[[str, int], None]
) -> Moved:
    """Make another node the home, with the help of the one that is.

    The session before is of no more use then, and to be closed.

    ``tell``: the step, and the bytes that were copied. Raises BadInvite, Exists (the name is taken
    there), QuotaExceeded and Unfit (the new home does not take the copy), Unreachable: then the
    old home is the home as before, or, if it cannot be known, the same call goes on.
    """
    old = session.line.homes[0]
    if old.peer == wish.to.peer:
        raise Unfit("that node is your home already")
    spaces = await own_spaces(session)
    await with_spaces(session, session.line, spaces[1:])
    here = Node(old, session.line)
    async with node_at(session, wish.to, spaces) as there:
        await take_newest(session)
        public = (await announce(session, None)).public
        arrived = await lives(session, there)
        if not arrived:
            await _copy(session, here, there, spaces, wish, tell)
        papers = await _papers(session, opened, wish, (_as_replica(session, old),))
        await _switch(session, here, papers, tell)
        if not arrived:
            await _arrive(session, here, there, papers, spaces)
        await publish_at(there.line, papers.whereabouts)
        made = await _rehomed(session, papers)
    return await after(made, old, tell, public)


async def moved_without(
    session: Session,
    opened: Opened,
    wish: Wish,
    accept: str,
    tell: Callable[[str, int], None],
) -> Moved:
    """Make a replica the home without any help of the one that was.

    ``accept``: the code of what it lacks, as ``lacking`` showed it; raises Conflict if it is
    something else by now. An old home that comes back is told (``former.look_back``).
    """
    old, spaces = session.line.homes[0], await spaces_known(session, wish.to)
    async with node_at(session, wish.to, spaces) as there:
        found = await lacks(session, there, spaces)
        if code_of(found) != accept:
            raise Conflict("that is not what the replica has now", hint="look at it once more")
        made = await taken_over(session, opened, wish, there, found, tell)
    return await after(made, old, tell)


async def taken_over(
    session: Session,
    opened: Opened,
    wish: Wish,
    there: Node,
    found: Sequence[Lack],
    tell: Callable[[str, int], None],
) -> Session:
    """The node, which keeps a replica, is the home, with what it has (``found``) and nothing else.

    May be repeated. Returns the session there; the one before is to be closed.
    """
    papers = await _papers(session, opened, wish, ())
    tell("switching", 0)
    if not await lives(session, there):
        await settle(session.around, there.home, papers)
    await publish_at(there.line, papers.whereabouts)
    check_newest(session.marks, papers.whereabouts)
    await go_on_from(session, there, found)
    session.cache.opened.clear()
    return await _rehomed(session, papers)


async def copied_from(
    session: Session, replica: Home, wish: Wish, tell: Callable[[str, int], None]
) -> None:
    """Have a node that has nothing of the account copy all of it from a replica; may be repeated.

    For when the home is gone and the replica is not to take its place. Raises BadInvite, Unfit
    (it does not take the copy), Unreachable.
    """
    spaces = await spaces_known(session, replica)
    async with (
        node_at(session, replica, spaces) as here,
        node_at(session, wish.to, spaces) as there,
    ):
        await _copy(session, here, there, spaces, wish, tell)


async def lacking(session: Session, replica: Home) -> list[Lack]:
    """What would be gone if this replica became the home now; raises Unreachable."""
    spaces = await spaces_known(session, replica)
    async with node_at(session, replica, spaces) as node:
        return await lacks(session, node, spaces)


async def _copy(
    session: Session,
    here: Node,
    there: Node,
    spaces: Sequence[bytes],
    wish: Wish,
    tell: Callable[[str, int], None],
) -> None:
    """Until the new home has what the old one had when this began."""
    wanted = await heads(session, here, spaces)
    if not await _has(session, there, wanted):
        await let_copy(session, here, there, wish.invite)
    await copied(session, wanted, there, lambda used: tell("copying", used))


async def _has(session: Session, there: Node, wanted: Heads) -> bool:
    """Whether it keeps the account already, as a replica does."""
    named = there.home.peer in {each.peer for each in session.whereabouts.homes}
    return named and bool(await heads(session, there, wanted))


async def lives(session: Session, there: Node) -> bool:
    """Whether the account is at the new home already, by a move that was cut off behind that."""

    async def ask(connected: Connected) -> bytes:
        await connected.doors.accounts.account(AskAccount(session.id))
        look = Look(session.id, session.chain.head_hash, None)
        return (await connected.doors.directory.look(look)).whereabouts

    try:
        answer = await there.line.call(ask)
    except (Denied, Forged):
        return False
    with handed_over("whereabouts"):
        return Whereabouts.decode(answer).home.peer == there.home.peer


async def _switch(
    session: Session, here: Node, papers: Papers, tell: Callable[[str, int], None]
) -> None:
    """From the answer on, the old home takes no change."""
    tell("switching", 0)
    await publish_at(here.line, papers.whereabouts)
    check_newest(session.marks, papers.whereabouts)


async def _arrive(
    session: Session, here: Node, there: Node, papers: Papers, known: Sequence[bytes]
) -> None:
    """The very last states, and the account. If the new home refuses, the old one is the home."""
    before, session.whereabouts = session.whereabouts, papers.whereabouts
    try:
        spaces = await own_spaces(session)
        for node in (here, there):
            await with_spaces(session, node.line, set(spaces) - set(known))
        await copied(session, await heads(session, here, spaces), there, _quiet)
        await settle(session.around, there.home, papers)
    except UNKNOWN:
        raise
    except HoldfastError:
        with suppress(*UNKNOWN):
            await _stay(session, here, before)
        raise


async def _stay(session: Session, here: Node, before: Whereabouts) -> None:
    """The old home is the home again, under a number above those that were published since."""
    bundle, seq = session.bundle, session.whereabouts.seq + 1
    sealing, now = bundle.sealing[0].pair, session.around.now()
    again = sign_whereabouts(session.chain, seq, before.living, sealing, now, bundle.daily)
    await publish_at(here.line, again)
    check_newest(session.marks, again)
    session.whereabouts = again


def _as_replica(session: Session, old: Home) -> Home:
    """The old home, for as long as something is copied from it or waits there."""
    known = next((each for each in session.whereabouts.homes if each.peer == old.peer), old)
    return replace(known, role=HomeRole.REPLICA)


async def _papers(session: Session, opened: Opened, wish: Wish, old: Sequence[Home]) -> Papers:
    """Whereabouts with the new home, the replicas that stay, and the old home."""
    mine = {each.peer for each in old} | {wish.to.peer}
    others = [each for each in replicas_of(session.whereabouts) if each.peer not in mine]
    homes = (replace(wish.to, role=HomeRole.HOME), *old, *others)[:MAX_HOMES]
    name, keys, parameters = wish.name, opened.keys, opened.parameters
    seen = max(opened.bundle.whereabouts_seq, session.whereabouts.seq)
    bundle = await trio.to_thread.run_sync(opened.called, session.name, name)
    bundle = replace(bundle, whereabouts_seq=seen)
    living = Living(homes, name, session.whereabouts.kit)
    return await papers_for(session.around, living, session.chain, bundle, keys, parameters)


async def _rehomed(session: Session, papers: Papers) -> Session:
    around, peer = session.around, session.line.homes[0].peer
    device = around.remembered.find(session.name, peer).secret
    if device is not None:
        around.remembered.keep_secret(papers.name, papers.whereabouts.home.peer, device)
    return at_home_of(session, papers.whereabouts, papers.bundle, papers.record)


async def after(
    made: Session, old: Home | None, tell: Callable[[str, int], None], public: bool = False
) -> Moved:
    """All that may come later, too: what fails here is tried again by ``holdfast`` itself.

    ``old``: the home before, if it was another node. ``public``: whether that had its person
    published for strangers to find; then the new one has, and the old one no more.
    """
    moved = Moved(made)
    tell("telling", 0)
    if old is not None:
        await former.remember(made, old)
    await tokens.forget(made)
    await tell_if_moved(made)
    for home in replicas_of(made.whereabouts):
        await _trying(moved, _follow_on(made, home))
    if old is not None and public:
        await _trying(moved, _published(made, old))
    if old is not None:
        await _trying(moved, _fetch(made, old, moved.events))
    return moved


async def _trying(moved: Moved, work: Awaitable[None]) -> None:
    try:
        await work
    except HoldfastError as error:
        moved.problems.append(error)


async def _follow_on(made: Session, replica: Home) -> None:
    """Have a replica follow the new home; the old home is one, too."""
    here = Node(made.whereabouts.home, made.line)
    async with node_at(made, replica) as there:
        grant = await leave_for(made, here, there)
        await give(made, here.line, grant)
        await give(made, there.line, grant)


async def _published(made: Session, old: Home) -> None:
    """Strangers find one as before: now it is the new home that publishes, and it alone."""
    await announce(made, True)
    async with node_at(made, old) as there:
        await announce_at(there.line, made.id, False)


async def _fetch(made: Session, old: Home, events: list[Event]) -> None:
    """What waits at the old home."""
    async with node_at(made, old) as there:
        events += await collect(made, there.line)


def _quiet(_used: int) -> None:
    """The last states are few bytes."""
