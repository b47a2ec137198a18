"""Sharing a folder or a file for writing, what is in such a folder, and taking that back.

Each is one commit of two spaces: the root space, which has the records and the contact's folder of
shares, and the folder's own, which has the members and the files.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from client.drive.entry import Kind
from client.session import Session
from client.sharing import access, guests, moving
from client.sharing.apart import own_space, system_of
from client.sharing.both import Both
from client.sharing.granting import Share
from client.sharing.jobs import commit_settled, finish, finish_if_due
from client.sharing.noted import TRIES
from client.sharing.place import Crossed, Place, crossing, full_path, own_parts
from client.sharing.steps import is_pending, is_pending_there
from client.social import contacts, outbox
from client.social.contacts import Contact
from client.social.store import System, look
from client.space.joint import commit_both
from client.space.overlay import Overlay
from client.space.reading import Changing
from formats.errors import NotFound, Unfit
from formats.space import Rights, SpaceRecord

T = TypeVar("T")


async def share_write(
    session: Session,
    path: str,
    contact: str,
    rights: Rights = Rights.WRITE,
    ceiling: int | None = None,
    as_name: str | None = None,
    and_tell: bool = True,
) -> Share:
    """Let a contact change a folder and all below it, or a file: add, change, delete, as said.

    ``ceiling``: bytes that they may add, None: as many as I have room for. The first time it
    gets a space of its own. Doing it again changes rights and ceiling. Without ``and_tell`` they
    can when this returns, and the loop tells them. Raises NotFound,
    Exists (that share name is taken), Unfit, Denied (not my own), QuotaExceeded.
    """
    parts = own_parts(session, path)

    async def check(system: System) -> None:
        await contacts.to_share_with(system, contact)

    crossed = await set_apart(session, parts, check)

    async def operation(both: Both) -> tuple[Contact, Share]:
        known = await contacts.to_share_with(both.system, contact)
        await both.let_in(known, rights, ceiling)
        return known, await both.grant(parts, crossed, known, as_name)

    known, done = await commit_in(session, crossed.apart.space, operation)
    return await _done(session, known, done) if and_tell else done


async def share(
    session: Session, parts: tuple[str, ...], crossed: Crossed, contact: str, as_name: str | None
) -> Share:
    """Let a contact read something in a folder that has a space of its own, or that folder."""

    async def operation(both: Both) -> tuple[Contact, Share]:
        known = await contacts.to_share_with(both.system, contact)
        return known, await both.grant(parts, crossed, known, as_name)

    return await _done(session, *await commit_in(session, crossed.apart.space, operation))


async def unshare(
    session: Session,
    parts: tuple[str, ...],
    crossed: Crossed,
    contact: str,
    and_finish: bool = True,
    keep_reading: bool = False,
) -> Share:
    """Take it back; with ``keep_reading`` only the right to change it. At once, as ever.

    Without ``and_finish`` the loop tells them, and gives what is below its new secrets.
    """

    async def operation(both: Both) -> tuple[Contact, Share]:
        known = await contacts.by_name(both.system, contact)
        ended = await both.take_back(parts, crossed, known, keep_reading)
        return known, Share(full_path(session, parts), known.name, ended.name, ended.since)

    known, done = await commit_in(session, crossed.apart.space, operation)
    if not and_finish:
        return done
    done = await _done(session, known, done)
    await finish_if_due(session)
    return done


async def end_all(session: Session, name: str) -> None:
    """Whatever a contact may read or change in spaces of their own ends; nothing if it is nothing.

    A commit for each space. Raises NotFound for somebody who is no contact.
    """
    system = await look(session)
    known = await contacts.by_name(system, name)
    shared = await access.everything(system)
    for space in {each.space for each in shared if each.space and each.of(known.id)}:

        async def operation(both: Both, known: Contact = known) -> None:
            await both.end_all(known)

        await commit_in(session, space, operation)


async def unshare_write(
    session: Session, path: str, contact: str, and_finish: bool = True
) -> Share:
    """A contact may read a folder as before, and change nothing in it any more."""
    parts = own_parts(session, path)
    crossed = await crossing(session, await session.space.at_hand(), parts)
    if crossed is None or crossed.parts != parts:
        where = full_path(session, parts)
        raise NotFound(f"{where} is not shared for writing", hint="'holdfast shared --by-me'")
    return await unshare(session, parts, crossed, contact, and_finish, keep_reading=True)


@dataclass(frozen=True, slots=True)
class _Result(Generic[T]):
    value: T


async def commit_in(session: Session, id: bytes, operation: Callable[[Both], Awaitable[T]]) -> T:
    """Commit in the root space and that one, in a state in which nothing is due in either.

    But for what cannot be finished: guests write there, and none is to stay by what they break.
    """
    space, tries = await own_space(session, id), 0

    async def gated(here: Overlay, there: Overlay, record: SpaceRecord) -> _Result[T] | None:
        system = System(session, here)
        apart = await guests.get(system, id)
        tree = system_of(session, apart.top)(there)
        if await is_pending(system) or (tries < TRIES and await is_pending_there(tree)):
            return None
        system = System(session, here, tree=tree)
        return _Result(await operation(Both(session, system, apart, there, record)))

    while (result := await commit_both(session.space, space, gated)) is None:
        tries += 1
        await finish(session)
    return result.value


async def _done(session: Session, known: Contact, share: Share) -> Share:
    waiting = bool(await outbox.flush(session, known.id))
    return replace(share, waiting=waiting)


async def set_apart(
    session: Session, parts: tuple[str, ...], check: Callable[[System], Awaitable[None]]
) -> Crossed:
    """Where it is in a space of its own, which it gets if it has none; raises as ``share_write``.

    ``check`` raises what there is to say of those it is shared with, before anything is done.
    """
    crossed = await crossing(session, await session.space.at_hand(), parts)
    if crossed is None:
        await _move(session, parts, check)
        crossed = await crossing(session, await session.space.reading(), parts)
    if crossed is None or crossed.parts != parts:
        raise _part_of(session, crossed)
    return crossed


async def _move(
    session: Session, parts: tuple[str, ...], check: Callable[[System], Awaitable[None]]
) -> None:
    if not parts:
        raise Unfit("your whole home cannot be shared for writing", hint="share a folder in it")

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        await check(system)
        place = await Place.find(system, parts)
        if place.entry.kind is Kind.MOUNT and place.entry.owner == session.id:
            return  # another device was here first
        place.shareable()
        await _check_above(system, place)
        await moving.note(system, moving.begin(place.entry, parts))
        await system.flush()

    await commit_settled(session, operation, and_finish=False)
    await finish(session)


async def _check_above(system: System, place: Place) -> None:
    """Nobody reads it through a folder above: they would see into it no more."""
    for depth, folder in enumerate(place.above):
        if await access.get(system, folder.id) is not None:
            above = full_path(system.session, place.parts[:depth])
            raise Unfit(
                f"others can read it through {above}, and could not any more",
                hint=f"unshare {above}, or move the folder out of there; then share it by itself",
            )


def _part_of(session: Session, crossed: Crossed | None) -> Unfit:
    if crossed is None:
        return Unfit("the folder was moved while it was being shared", hint="try again")
    return Unfit(
        f"it is part of {full_path(session, crossed.parts)}, which is shared for writing as one",
        hint="share that folder, or move this one out of it",
    )
