"""One's replicas: nodes that keep a second copy of all of one's spaces, by one's leave.

    add      sign a grant; to the replica with the invite of whoever runs it, to the home,
             and into the whereabouts, so that friends find it
    remove   sign that it is over; to the home first, which hands over nothing more
    look     what the home says of each, and what each shows itself, verified

Every step may be repeated: one that broke off is done again by the same call.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import trio

from client.answers import handed_over
from client.home import Connected, HomeLine
from client.identity.whereabouts import publish_replicas, replicas_of, take_newest
from client.session import Session, own_provers
from client.sharing.own_spaces import own_spaces
from client.space.view import SpaceView
from formats.errors import Denied, HoldfastError, NotFound, Stale, TooMany, Unreachable
from formats.invite import Invite
from formats.replica import ReplicaGrant
from formats.whereabouts import MAX_HOMES, Home, HomeRole
from protocols.replicas import AskReplicas, Give, Given, Standing

LIFE: Final = 365 * 24 * 3600 * 1000
"""Milliseconds for which a grant holds; a daemon that is used renews it when half is over."""

ANY: Final = 2**53
"""A ceiling that leaves it to whoever keeps the replica."""

PATIENCE: Final = 10.0
"""Seconds in which a replica has to show what it has, to be listed with it."""


@dataclass(frozen=True, slots=True)
class Replica:
    """One replica. ``standing``: in the home's words, None when the home is away.

    ``seq``: the number of the newest state of the root space that it showed itself, verified.
    ``behind``: how many changes it lacks, in all of one's spaces; None when that is not known.
    ``problem``: why it showed nothing.
    """

    home: Home
    grant: ReplicaGrant | None
    standing: Standing | None
    seq: int | None
    behind: int | None
    problem: HoldfastError | None


async def add(session: Session, invite: Invite, ceiling: int = ANY) -> int:
    """Let the node that the invite is of keep a replica; returns the bytes it allows.

    Raises BadInvite, Unfit, Unreachable, TooMany.
    """
    await take_newest(session)
    here = Home(invite.peer, invite.addresses, HomeRole.REPLICA)
    others = tuple(each for each in replicas_of(session.whereabouts) if each.peer != here.peer)
    if len(others) + 2 > MAX_HOMES:
        raise TooMany(f"an account has at most {MAX_HOMES - 1} replicas", hint="remove one first")
    source, before = session.whereabouts.home.peer, await _granted(session)
    grant = next_grant(session, source, here, ceiling, before)
    given = await give_first(session, here, grant, invite.code)
    await give(session, session.line, grant)
    await publish_replicas(session, (*others, here))
    return given.allowed


async def remove(session: Session, peer: bytes) -> bool:
    """End a replica; whether it knows. One that does not hears it when it asks the home.

    Raises NotFound when there is none at that node.
    """
    await take_newest(session)
    before = await _granted(session)
    known = [each for each in before if each.peer == peer]
    listed = [each for each in replicas_of(session.whereabouts) if each.peer == peer]
    if not known and not listed:
        raise NotFound("no replica is kept there", hint="'holdfast replicas list' has all")
    home = known[0].replica if known else listed[0]
    grant = next_grant(session, session.whereabouts.home.peer, home, 0, before)
    if known:
        await give(session, session.line, grant)
    rest = tuple(each for each in replicas_of(session.whereabouts) if each.peer != peer)
    await publish_replicas(session, rest)
    try:
        await give_first(session, home, grant)
    except (Denied, Stale):
        return True  # the home was quicker: it is ending there, or nothing of it is left
    except HoldfastError:
        return False
    return True


async def replicas(session: Session) -> list[Replica]:
    """All of one's replicas, each asked what it has."""
    granted, newest = await _by_home(session)
    grants = {each.peer: (each, standing) for each, standing in granted if not each.is_over}
    homes = {home.peer: home for home in replicas_of(session.whereabouts)}
    homes |= {peer: grant.replica for peer, (grant, _) in grants.items() if peer not in homes}
    found: dict[bytes, Replica] = {}

    async def look(home: Home) -> None:
        seq, behind, problem = await _shown(session, home, newest)
        grant, standing = grants.get(home.peer, (None, None))
        found[home.peer] = Replica(home, grant, standing, seq, behind, problem)

    async with trio.open_nursery() as nursery:
        for home in homes.values():
            nursery.start_soon(look, home)
    return [found[peer] for peer in homes]


async def renew_if_due(session: Session) -> int:
    """Sign grants again of which half their life is over, or that older keys signed; how many."""
    now, renewed = session.around.now(), 0
    for grant in await _granted(session):
        in_force = grant.identity_seq == session.chain.seq
        if grant.is_over or (in_force and grant.until - now > LIFE // 2):
            continue
        source = session.whereabouts.home.peer
        fresh = next_grant(session, source, grant.replica, grant.ceiling, [grant])
        await give(session, session.line, fresh)  # the replica gets it from there
        renewed += 1
    return renewed


def find(known: Iterable[Replica], peers: dict[str, bytes], which: str) -> bytes:
    """The peer id that a part of its text stands for; raises NotFound."""
    fits = [
        each.home.peer
        for each in known
        if any(peer == each.home.peer and which in text for text, peer in peers.items())
    ]
    if len(fits) != 1:
        raise NotFound(
            f"'{which}' is none of your replicas" if not fits else f"'{which}' may be several",
            hint="'holdfast replicas list' has all",
        )
    return fits[0]


def next_grant(
    session: Session, source: bytes, replica: Home, ceiling: int, before: Iterable[ReplicaGrant]
) -> ReplicaGrant:
    """A grant to follow ``source``, a peer, with a number above all that this replica had before.

    A node that was or is something else is a replica by it.
    """
    now = session.around.now()
    seq = max([now, *(each.seq + 1 for each in before if each.peer == replica.peer)])
    here, until = replace(replica, role=HomeRole.REPLICA), now + LIFE
    return ReplicaGrant.make(session.chain, seq, source, here, ceiling, until, session.bundle.daily)


async def give(
    session: Session, line: HomeLine, grant: ReplicaGrant, invite: bytes | None = None
) -> Given:
    """Hand a grant over."""
    request = Give(grant.encoded, session.chain.encoded, session.whereabouts.encoded, invite)

    async def ask(connected: Connected) -> Given:
        return await connected.doors.replicas.give(request)

    return await line.call(ask)


async def give_first(
    session: Session, home: Home, grant: ReplicaGrant, invite: bytes | None = None
) -> Given:
    """The same to a node that may know nobody yet: so nothing is proven there."""
    line = HomeLine(session.around.network, [home])
    try:
        return await give(session, line, grant, invite)
    finally:
        await line.aclose()


async def standings(session: Session, line: HomeLine) -> tuple[Standing, ...]:
    """How replicas stand, in a node's words."""

    async def ask(connected: Connected) -> tuple[Standing, ...]:
        return (await connected.doors.replicas.standings(AskReplicas(session.id))).replicas

    return await line.call(ask)


async def _granted(session: Session) -> list[ReplicaGrant]:
    """Every grant that the home knows."""
    return [grant for grant, _ in await _standings(session)]


async def _standings(session: Session) -> list[tuple[ReplicaGrant, Standing]]:
    found = []
    for standing in await standings(session, session.line):
        with handed_over("grant of yours"):
            grant = ReplicaGrant.decode(standing.grant)
        # One of before the keys were renewed holds until it is signed again (``renew_if_due``).
        grant.verify(session.chain.until(grant.identity_seq))
        found.append((grant, standing))
    return found


@dataclass(frozen=True, slots=True)
class _Newest:
    """The number of a space's newest state at the home."""

    view: SpaceView
    seq: int


async def _by_home(
    session: Session,
) -> tuple[list[tuple[ReplicaGrant, Standing]], list[_Newest]]:
    """What the home says of the replicas, and where each space of one's own is; the root first."""
    try:
        granted = await _standings(session)
        spaces = await own_spaces(session)
        return granted, [await _newest(space.view) for space in spaces]
    except Unreachable:
        return [], []


async def _newest(view: SpaceView) -> _Newest:
    return _Newest(view, (await view.refresh()).tip.pointer.seq)


async def _shown(
    session: Session, home: Home, newest: Sequence[_Newest]
) -> tuple[int | None, int | None, HoldfastError | None]:
    """What a replica shows, if it may be believed: the root's number, and how much it lacks."""
    spaces = [session.bundle.space, *(each.view.space for each in newest[1:])]
    keys = [prover for space in spaces for prover in own_provers(session.bundle, space)]
    line = HomeLine(session.around.network, [home], *keys)
    seq: int | None = None
    problem: HoldfastError = Unreachable("it does not answer in time")
    try:
        with trio.move_on_after(PATIENCE):
            seq = await _number(session.space.view.through(line))
            return seq, await _behind(line, seq, newest), None
    except HoldfastError as error:
        problem = error
    finally:
        await line.aclose()
    return seq, None, problem


async def _behind(line: HomeLine, seq: int, newest: Sequence[_Newest]) -> int | None:
    if not newest:
        return None
    lacks = max(0, newest[0].seq - seq)
    for each in newest[1:]:
        try:
            there = await _number(each.view.through(line))
        except Denied:
            there = -1  # it does not have that space yet
        lacks += max(0, each.seq - there)
    return lacks


async def _number(view: SpaceView) -> int:
    """What it shows may be older than what was seen here: then by its own signed record."""
    state = await view.resolve(None)
    return view.checked(state, await view.owners.chain(view.owner)).seq
