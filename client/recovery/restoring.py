"""Getting an account back with what a kit opened: the steps, in order. START HERE.

    copied      the new home follows the node that has the data, as a replica does
    settled     the account is made there, under a new password
    set back    each space goes on from what is there, whatever friends saw beyond it
    renewed     other identity keys, and new secrets for everything: what was lost, machines
                too, opens nothing any more; each of one's machines signs in as another one
    told        replicas follow the new home, and friends are told

The node that has the data may itself become the home again, be it a replica or a home whose
password nobody knows any more. Every step may be repeated, so a restore that was cut off goes on,
or begins again, with the same words. The old home is asked for nothing; if it comes
back, it is told (``client.moving.former``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import trio

from client.identity.account import prove
from client.identity.attempt import Attempt
from client.identity.bundle import seal_next
from client.identity.device_secret import DeviceSecret
from client.identity.devices import Standing, devices
from client.identity.password import PasswordKeys, password_keys
from client.identity.rotation import renew_keys
from client.identity.settling import papers_for, settle
from client.identity.strength import check_new_password
from client.identity.whereabouts import (
    check_newest,
    next_number,
    publish_at,
    replicas_of,
    sign_whereabouts,
)
from client.moving.copying import Node, copied, heads, let_copy, node_at, own_spaces, with_spaces
from client.moving.house import Moved, Wish, after, lives, move
from client.moving.missing import go_on_from, lacks
from client.moving.opening import Opened
from client.moving.rehoming import at_home_of
from client.recovery.opening import OpenedKit
from client.session import Session, Surroundings
from client.social import contacts
from client.social.store import System, change
from crypto.passwords import PasswordParameters
from formats.errors import HoldfastError, QuotaExceeded, Stale
from formats.names import check_account_name
from formats.whereabouts import MAX_HOMES, Home, HomeRole, Living

UNSEEN: Final = 1024
"""Epochs of a space, and messages, that friends may have seen and no node that is left knows."""

NUMBERS: Final = 65_536
"""Whereabouts that friends may have seen, and no node that is left knows of."""

NOWHERE: Final = Home(b"\x00\x24\x08\x01\x12\x20".ljust(38, b"\0"), ())
"""Where an account lives while its home makes it anew: a peer that nobody can be."""


@dataclass(frozen=True, slots=True)
class NewPassword:
    """What opens the account from now on. ``weak``: it may be one that is easily guessed."""

    text: str
    weak: bool = False
    device: DeviceSecret | None = None


@dataclass(slots=True)
class Restored:
    """``moved.session`` goes on at the new home. ``lacking``: folders that the node did not have.

    ``renewed``: whether other identity keys are in force; if not, it is still to be done.
    """

    moved: Moved
    lacking: int
    renewed: bool


async def restore(
    around: Surroundings, found: OpenedKit, wish: Wish, password: NewPassword, as_it_is: bool
) -> Restored:
    """Have the account live at ``wish.to`` with the data that the found node has.

    ``as_it_is``: go on also where this machine has seen more than that node has, else Stale.
    Raises BadName, Usage (weak password), BadInvite, Exists (the name is taken there),
    QuotaExceeded and Unfit (the new home does not take it), Unreachable; then nothing is lost,
    and it may be done again, there or elsewhere.
    """
    check_account_name(wish.name)
    await trio.to_thread.run_sync(check_new_password, password.text, (wish.name,), password.weak)
    if password.device is not None:
        around.remembered.keep_secret(wish.name, wish.to.peer, password.device)
    session = session_of(around, found)
    try:
        opened = await _opened(session, found, password)
        lacking = await _lacking(session, found.source, as_it_is)
        made = await _at_new_home(session, found.source, opened, wish)
    finally:
        await session.aclose()
    await _set_back(made)
    await change(made, lambda changing: _count_on(System(made, changing)))
    moved = Moved(made)
    renewed = await _renew(moved, password)
    old = _old_home(found, wish.to)
    if old is not None:
        moved = replace(await after(moved.session, old, _quiet), problems=moved.problems)
    return Restored(moved, lacking, renewed)


def _old_home(found: OpenedKit, to: Home) -> Home | None:
    """The home until then: by the whereabouts, or, where it was cut off behind those, the text."""
    homes = (found.whereabouts.home, found.named)
    return next((each for each in homes if each.peer not in (to.peer, NOWHERE.peer)), None)


def session_of(around: Surroundings, found: OpenedKit) -> Session:
    """A session with what the kit opened, at the node that showed it. Close it.

    Its whereabouts are signed anew (those that were found may be past their time), and
    published nowhere yet.
    """
    where, bundle, now = found.whereabouts, found.content.bundle, around.now()
    seq = max(where.seq, bundle.whereabouts_seq) + NUMBERS
    sealing, daily = bundle.sealing[0].pair, bundle.daily
    again = sign_whereabouts(found.chain, seq, where.living, sealing, now, daily)
    bundle = replace(bundle, whereabouts_seq=seq)
    return Session.at(around, found.source, where.name, found.chain, again, bundle)


async def _opened(session: Session, found: OpenedKit, password: NewPassword) -> Opened:
    """The bundle as a password opens it, whose inner part is sealed for the new one."""
    parameters, keys = await _keys(session, password)
    inner = await trio.to_thread.run_sync(
        seal_next, found.content.next, session.name, session.id, keys
    )
    return Opened(replace(session.bundle, inner=inner), keys, parameters)


async def _keys(session: Session, password: NewPassword) -> tuple[PasswordParameters, PasswordKeys]:
    hardness = session.around.hardness
    parameters = hardness.parameters()
    keys = await password_keys(password.text, parameters, hardness.floor, password.device)
    return parameters, keys


async def _lacking(session: Session, source: Home, as_it_is: bool) -> int:
    """How many folders the node does not have; raises Stale where this machine has seen more."""
    spaces = await own_spaces(session)
    async with node_at(session, source, spaces) as node:
        found = await lacks(session, node, spaces)
    if not as_it_is and any(not each.fits for each in found if each.situation is not None):
        raise Stale(
            "that node's copy is older than what this machine has seen, or of another history",
            hint="name a newer copy with --at; or go on from this one with --as-it-is",
        )
    return sum(each.situation is None for each in found)


async def _at_new_home(session: Session, source: Home, opened: Opened, wish: Wish) -> Session:
    """The account at its new home, with the spaces as the node had them."""
    spaces = await own_spaces(session)
    async with node_at(session, source, spaces) as here:
        is_home = await lives(session, here)
        if is_home and wish.to.peer != source.peer:
            return (await move(session, opened, wish, _quiet)).session
        if is_home:
            await _leave(session, here)
        elif wish.to.peer != source.peer:
            async with node_at(session, wish.to, spaces) as there:
                await _copy(session, here, there, spaces, wish.invite)
        return await _settled(session, source, opened, wish)


async def _leave(session: Session, here: Node) -> None:
    """Have the home take the account for one that moved away: only such a one settles in."""
    where, bundle = session.whereabouts, session.bundle
    homes = (replace(NOWHERE, role=HomeRole.HOME), *replicas_of(where))[:MAX_HOMES]
    seq, sealing, now = next_number(session), bundle.sealing[0].pair, session.around.now()
    living = replace(where.living, homes=homes)
    gone = sign_whereabouts(session.chain, seq, living, sealing, now, bundle.daily)
    await publish_at(here.line, gone)
    session.whereabouts = gone


async def _copy(
    session: Session, here: Node, there: Node, spaces: Sequence[bytes], invite: bytes | None
) -> None:
    """Until the new home has what the node has."""
    wanted = await heads(session, here, spaces)
    if not await heads(session, there, wanted):
        await let_copy(session, here, there, invite)
    await copied(session, wanted, there, lambda _used: None)


async def _settled(session: Session, source: Home, opened: Opened, wish: Wish) -> Session:
    """The account made at the new home; the node that had the data stays a replica."""
    around, name = session.around, wish.name
    living = Living(_homes(session, source, wish.to), name, session.whereabouts.kit)
    bundle = await trio.to_thread.run_sync(opened.called, session.name, name)
    bundle = replace(bundle, whereabouts_seq=session.whereabouts.seq)
    papers = await papers_for(around, living, session.chain, bundle, opened.keys, opened.parameters)
    await settle(around, wish.to, papers)
    check_newest(session.marks, papers.whereabouts)
    return at_home_of(session, papers.whereabouts, papers.bundle, papers.record)


def _homes(session: Session, source: Home, to: Home) -> tuple[Home, ...]:
    known = [source, *replicas_of(session.whereabouts)]
    others = {each.peer: replace(each, role=HomeRole.REPLICA) for each in known}
    others.pop(to.peer, None)
    return (replace(to, role=HomeRole.HOME), *others.values())[:MAX_HOMES]


async def _set_back(made: Session) -> None:
    """What friends saw beyond what is left is given up, by the owner's word: they follow it."""
    spaces = await own_spaces(made)
    line = await with_spaces(made, made.line, spaces[1:])
    node = Node(made.whereabouts.home, line)
    await go_on_from(made, node, await lacks(made, node, spaces), UNSEEN)
    made.cache.opened.clear()


async def _count_on(system: System) -> None:
    """Within an operation: messages to contacts get numbers that they cannot have seen."""
    for known in await contacts.everybody(system):
        await contacts.put(system, replace(known, sent=known.sent + UNSEEN))
    await system.flush()


async def _renew(moved: Moved, password: NewPassword) -> bool:
    """Other identity keys; False where the home asks for a second factor first, or cannot."""
    session = moved.session
    try:
        attempt = await prove(session, password.text)
    except HoldfastError as error:
        moved.problems.append(error)
        return False
    try:
        if attempt.asked is not None:
            return False
        moved.session = await _shutting_out(moved, attempt, password.text)
    except HoldfastError as error:
        moved.problems.append(error)
        return False
    finally:
        await attempt.aclose()
    await session.aclose()
    return True


async def _shutting_out(moved: Moved, attempt: Attempt, password: str) -> Session:
    """What was lost, machines too, reads nothing any more; where there is no room, it can."""
    session = moved.session
    others = [each.key for each in await devices(session) if each.standing in _OTHERS]
    try:
        return await renew_keys(session, attempt, password, others, lost=True)
    except QuotaExceeded as error:
        moved.problems.append(error)
        return await renew_keys(session, attempt, password)


_OTHERS: Final = (Standing.IN, Standing.OUT)


def _quiet(_step: str, _used: int) -> None:
    """Nobody is shown how far it is."""
