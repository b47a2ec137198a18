"""Sharing a folder or a file for writing, what is in such a folder, and taking that back.

Each is one commit of two spaces: the root space, which has the records and the contact's folder of
shares, and the folder's own, which has the members and the files.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from client.drive.entry import Kind
from client.session import Session
from client.sharing import access, granting, guests, moving
from client.sharing.access import Access
from client.sharing.apart import own_key, own_space, system_of
from client.sharing.granting import Share, told
from client.sharing.guests import Apart, Guest
from client.sharing.jobs import commit_settled, finish, finish_if_due, is_pending
from client.sharing.place import Crossed, Place, crossing, full_path, own_parts
from client.sharing.renewing import renew
from client.sharing.revoke import give
from client.social import contacts, outbox
from client.social.contacts import Contact
from client.social.messages import Type
from client.social.store import LOGS, System, look
from client.space.joint import commit_both
from client.space.overlay import Overlay
from client.space.reading import Changing
from formats.errors import NotFound, Unfit
from formats.space import Member, Rights, SpaceRecord

T = TypeVar("T")


async def share_write(
    session: Session,
    path: str,
    contact: str,
    rights: Rights = Rights.WRITE,
    ceiling: int | None = None,
    as_name: str | None = None,
) -> Share:
    """Let a contact change a folder and all below it, or a file: add, change, delete, as said.

    ``ceiling``: bytes that they may add, None: as many as I have room for. The first time it
    gets a space of its own. Doing it again changes rights and ceiling. Raises NotFound,
    Exists (that share name is taken), Unfit, Denied (not my own), QuotaExceeded.
    """
    parts = own_parts(session, path)
    crossed = await crossing(session, await session.space.at_hand(), parts)
    if crossed is None:
        await _set_apart(session, parts, contact)
        crossed = await crossing(session, await session.space.reading(), parts)
    if crossed is None or crossed.parts != parts:
        raise _part_of(session, crossed)

    async def operation(both: "_Both") -> tuple[Contact, Share]:
        known = await contacts.to_share_with(both.system, contact)
        await both.let_in(known, rights, ceiling)
        return known, await both.grant(parts, crossed, known, as_name)

    return await _done(session, *await _commit(session, crossed.apart.space, operation))


async def share(
    session: Session, parts: tuple[str, ...], crossed: Crossed, contact: str, as_name: str | None
) -> Share:
    """Let a contact read something in a folder that has a space of its own, or that folder."""

    async def operation(both: "_Both") -> tuple[Contact, Share]:
        known = await contacts.to_share_with(both.system, contact)
        return known, await both.grant(parts, crossed, known, as_name)

    return await _done(session, *await _commit(session, crossed.apart.space, operation))


async def unshare(
    session: Session,
    parts: tuple[str, ...],
    crossed: Crossed,
    contact: str,
    and_finish: bool = True,
    keep_reading: bool = False,
) -> Share:
    """Take it back; with ``keep_reading`` only the right to change it. At once, as ever."""

    async def operation(both: "_Both") -> tuple[Contact, Share]:
        known = await contacts.by_name(both.system, contact)
        ended = await both.take_back(parts, crossed, known, keep_reading)
        return known, Share(full_path(session, parts), known.name, ended.name, ended.since)

    done = await _done(session, *await _commit(session, crossed.apart.space, operation))
    if and_finish:
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

        async def operation(both: "_Both", known: Contact = known) -> None:
            await both.end_all(known)

        await _commit(session, space, operation)


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


@dataclass(slots=True)
class _Both:
    """Both spaces within one operation, in a state in which nothing is due in either."""

    session: Session
    system: System
    apart: Apart
    there: Overlay
    record: SpaceRecord

    async def let_in(self, known: Contact, rights: Rights, ceiling: int | None) -> None:
        """A contact is a guest from now on, or one with other rights."""
        guest = self.apart.guest(known.id)
        if guest is not None and (guest.rights, guest.ceiling) == (rights, ceiling):
            return
        if guest is None:
            guest = Guest.new(known.id, rights, ceiling, self.system.now)
            self.apart = self.apart.plus(guest)
        else:
            changed = replace(guest, rights=rights, ceiling=ceiling)
            others = (changed if each is guest else each for each in self.apart.guests)
            self.apart = replace(self.apart, guests=tuple(others))
        await self._members()

    async def grant(
        self, parts: tuple[str, ...], crossed: Crossed, known: Contact, as_name: str | None
    ) -> Share:
        """A contact has it from now on; what a guest needs to write stands beside it."""
        place = await Place.find(self.system, parts, replace(crossed, apart=self.apart))
        made = await granting.grant(self.system, place, known, as_name)
        await outbox.post(self.system, known, Type.CHANGED)
        await self._flush()
        listed = Access(place.entry.id or b"", parts)
        apart = self.apart if place.entry.id == self.apart.id else None
        return told(self.session, listed, made, known.name, apart)

    async def take_back(
        self, parts: tuple[str, ...], crossed: Crossed, known: Contact, keep_reading: bool
    ) -> access.Grant:
        """A contact has it no more, or writes there no more."""
        place = await Place.find(self.system, parts, replace(crossed, apart=self.apart))
        if parts != crossed.parts:
            ended = await granting.revoke(self.system, place, known)
        else:
            ended = await self._end(place, known, keep_reading)
            await self._renew()
        await outbox.post(self.system, known, Type.CHANGED)
        await self._flush()
        return ended

    async def end_all(self, known: Contact) -> None:
        """A contact has nothing here any more, wherever in the space it is."""
        for each in await access.everything(self.system):
            grant = each.of(known.id)
            if each.space == self.apart.space and grant is not None:
                await access.put(self.system, each.without(known.id))
                log = await self.system.folder(LOGS, known.id.hex())
                await log.remove(grant.name)
        if self.apart.guest(known.id) is not None:
            self.apart = self.apart.without(known.id, self.system.now)
            await self._members()
        await self._renew()
        await self._flush()

    async def _end(self, place: Place, known: Contact, keep_reading: bool) -> access.Grant:
        guest, listed = self.apart.guest(known.id), await access.get(self.system, self.apart.id)
        grant = None if listed is None else listed.of(known.id)
        if keep_reading and (guest is None or grant is None):
            where = full_path(self.session, place.parts)
            raise NotFound(f"{known.name} cannot change {where}", hint="'holdfast shared --by-me'")
        if not keep_reading or grant is None:
            grant = await granting.end(self.system, place, known)
        if guest is not None:
            self.apart = self.apart.without(known.id, self.system.now)
            await self._members()
        return grant

    async def _renew(self) -> None:
        """New secrets for the space, and for everybody who stays."""
        self.system, self.apart, home = await renew(self.system, self.apart)
        listed = await access.get(self.system, self.apart.id)
        if listed is not None and not self.apart.is_file:  # a file in it was given already
            await give(self.system, listed, home)

    async def _members(self) -> None:
        """The record of guests, and with this commit the members of the space."""
        await guests.put(self.system, self.apart)
        me = Member(own_key(self.session, self.apart.space).verify_key.digest(), Rights.ALL)
        members = [me, *(each.as_member for each in self.apart.present)]
        chain, daily = self.session.chain, self.session.bundle.daily
        self.there.put_in_force(SpaceRecord.following(self.record, chain, members, daily))

    async def _flush(self) -> None:
        await self.system.flush()
        await self.system.tree.flush()


@dataclass(frozen=True, slots=True)
class _Result(Generic[T]):
    value: T


async def _commit(session: Session, id: bytes, operation: Callable[[_Both], Awaitable[T]]) -> T:
    """Commit in both spaces, in a state in which nothing is due in either."""
    space = await own_space(session, id)

    async def gated(here: Overlay, there: Overlay, record: SpaceRecord) -> _Result[T] | None:
        system = System(session, here)
        apart = await guests.get(system, id)
        tree = system_of(session, apart.top)(there)
        if await is_pending(system) or await is_pending(tree):
            return None
        system = System(session, here, tree=tree)
        return _Result(await operation(_Both(session, system, apart, there, record)))

    while (result := await commit_both(session.space, space, gated)) is None:
        await finish(session)
    return result.value


async def _done(session: Session, known: Contact, share: Share) -> Share:
    waiting = bool(await outbox.flush(session, known.id))
    return replace(share, waiting=waiting)


async def _set_apart(session: Session, parts: tuple[str, ...], contact: str) -> None:
    """It gets a space of its own."""
    if not parts:
        raise Unfit("your whole home cannot be shared for writing", hint="share a folder in it")

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        await contacts.to_share_with(system, contact)
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
