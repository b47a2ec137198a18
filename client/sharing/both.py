"""Both spaces within one operation: the root space and one of a folder or file of its own.

The root space has the records and the folders of shares; the other the members and the files.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from client.drive.drive import ONLY
from client.drive.edit import need
from client.drive.entry import Entry
from client.session import HOME, Session
from client.sharing import access, granted, granting, guests, renewing
from client.sharing.access import Access
from client.sharing.granting import Share, told
from client.sharing.guests import MAX_GUESTS, Apart, Guest, May
from client.sharing.place import Crossed, Place, full_path
from client.sharing.revoke import give, give_permits
from client.social import outbox
from client.social.circles import Circles
from client.social.contacts import Contact
from client.social.messages import Type
from client.social.store import LOGS, System
from client.space.overlay import Overlay
from formats.errors import NotFound, Unfit
from formats.space import Rights, SpaceRecord


@dataclass(slots=True)
class Both:
    """Both spaces within one operation, in a state in which nothing is due in either."""

    session: Session
    system: System
    apart: Apart
    there: Overlay
    record: SpaceRecord

    async def let_in(self, known: Contact, rights: Rights, ceiling: int | None) -> None:
        """A contact is a guest from now on, or one with other rights."""
        guest = self.apart.guest(known.id)
        if guest is not None and guest.through:
            await self._drop_key(guest)
        may = rights, ceiling, False
        if self.apart.admits(known.id, may):
            self.apart = self.apart.admitting(known.id, may, self.system.now)
            await self.put_members()

    async def follow(self, groups: Circles, lost: bool) -> None:
        """Who is in a circle that may write is a guest through it; who is in none is not.

        ``lost``: somebody cannot read any more what they could read of it.
        """
        for circle in {each.circle for each in self.apart.circles} - groups.by_id.keys():
            self.apart = self.apart.without_circle(circle)
        wanted, now = writers(self.apart, groups), self.system.now
        gone = [each for each in self.apart.present if each.through and each.contact not in wanted]
        for each in gone:
            await self._drop_key(each)
            self.apart = self.apart.without(each.contact, now)
        came = [contact for contact, may in wanted.items() if self.apart.admits(contact, may)]
        for contact in came:
            self.apart = self.apart.admitting(contact, wanted[contact], now)
        await (self.put_members() if gone or came else guests.put(self.system, self.apart))
        if gone or lost:
            await self.renew()
        elif came:
            new = [each for each in self.apart.present if each.contact in came]
            await give_permits(self.system, self.apart, await self._entry(), new)

    async def grant(
        self, parts: tuple[str, ...], crossed: Crossed, known: Contact, as_name: str | None
    ) -> Share:
        """A contact has it from now on; what a guest needs to write stands beside it."""
        place = await Place.find(self.system, parts, replace(crossed, apart=self.apart))
        made = await granting.grant(self.system, place, known, as_name)
        await outbox.post(self.system, known, Type.CHANGED)
        await self.flush()
        listed = Access(place.entry.id or b"", parts)
        apart = self.apart if place.entry.id == self.apart.id else None
        return told(self.session, listed, made, known.name, apart)

    async def take_back(
        self, parts: tuple[str, ...], crossed: Crossed, known: Contact, keep_reading: bool
    ) -> access.Grant:
        """A contact has it no more, or writes there no more."""
        if parts != crossed.parts:
            place = await Place.find(self.system, parts, replace(crossed, apart=self.apart))
            ended = await granting.revoke(self.system, place, known)
        else:
            ended = await self._end(await self._whole(crossed), known, keep_reading)
            await self.renew()
        await outbox.post(self.system, known, Type.CHANGED)
        await self.flush()
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
            await self.put_members()
        await self.renew()
        await self.flush()

    async def _whole(self, crossed: Crossed) -> Place:
        """The place of all that is shared, by its mount: guests may have broken the rest."""
        parent = await self.system.edit.hidden_folder((HOME,))
        base = len(crossed.parts)
        return Place(crossed.parts, parent, crossed.mount, [], base, self.apart)

    async def _entry(self) -> Entry:
        """The entry of what is shared as a whole, in its own space."""
        edit = self.system.tree.edit
        home = await need(await edit.hidden_folder(()), HOME)
        return await need(await edit.hidden_folder((HOME,)), ONLY) if self.apart.is_file else home

    async def _drop_key(self, guest: Guest) -> None:
        """A guest through circles finds no key any more; their folder may be another one by now."""
        log = await self.system.find(LOGS, guest.contact.hex())
        if log is not None:
            await log.remove(self.apart.space.hex())

    async def _end(self, place: Place, known: Contact, keep_reading: bool) -> access.Grant:
        guest, listed = self.apart.guest(known.id), await access.get(self.system, self.apart.id)
        grant = None if listed is None else listed.of(known.id)
        if keep_reading and guest is not None and guest.through:
            raise Unfit(f"{known.name} may change it through a circle", hint=_THROUGH)
        if keep_reading and (guest is None or grant is None):
            where = full_path(self.session, place.parts)
            raise NotFound(f"{known.name} cannot change {where}", hint="'holdfast shared --by-me'")
        if not keep_reading or grant is None:
            grant = await granting.end(self.system, place, known)
        if guest is not None:
            self.apart = self.apart.without(known.id, self.system.now)
            await self.put_members()
        return grant

    async def change_keys(self, whose: Collection[bytes] | None = None) -> None:
        """Everybody who may write there has another key from now on, and may what they might.

        ``whose``: of contacts, by id, only these.
        """
        for each in self.apart.present:
            if whose is not None and each.contact not in whose:
                continue
            left = self.apart.without(each.contact, self.system.now)
            self.apart = left.plus(each.with_another_key())
        await self.put_members()

    async def renew(self) -> None:
        """New secrets for the space, and for everybody who stays."""
        self.system, self.apart, home = await renewing.renew(self.system, self.apart)
        listed = await access.get(self.system, self.apart.id)
        if listed is not None and not self.apart.is_file:  # a file in it was given already
            await give(self.system, listed, home)

    async def put_members(self) -> None:
        """The record of guests, and with this commit the members of the space."""
        await guests.put(self.system, self.apart)
        mine = [each for each in self.record.members if each.rights & Rights.MEMBERS]
        members = [*mine, *(each.as_member for each in self.apart.present)]
        chain, daily = self.session.chain, self.session.bundle.daily
        self.there.put_in_force(SpaceRecord.following(self.record, chain, members, daily))

    async def flush(self) -> None:
        """Note every page of both that was changed, and in the space what is given by itself."""
        await granted.keep(self.system, self.apart)
        await self.system.flush()
        await self.system.tree.flush()


def writers(apart: Apart, groups: Circles) -> dict[bytes, May]:
    """Who may write through circles, and what: all that any of their circles may, the most bytes.

    Without those who may for themselves; of more than one space can have, who came first.
    """
    own = {each.contact for each in apart.present if not each.through}
    found: dict[bytes, May] = {}
    first: dict[bytes, int] = {}
    for writing in apart.circles:
        for contact, since in groups.people(writing.circle).items():
            rights, ceiling, _ = found.get(contact, (writing.rights, writing.ceiling, True))
            found[contact] = rights | writing.rights, _most(ceiling, writing.ceiling), True
            first[contact] = min(first.get(contact, since), since)
    by_time = sorted(found.keys() - own, key=lambda each: (first[each], each))
    return {contact: found[contact] for contact in by_time[: MAX_GUESTS - len(own)]}


def _most(one: int | None, other: int | None) -> int | None:
    """The higher of two ceilings."""
    return None if one is None or other is None else max(one, other)


_THROUGH = "'holdfast access' says which: unshare it from that, or remove them from it"
