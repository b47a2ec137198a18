"""Channels: one folder for each audience that posts were written to.

    .feed/<channel>/newest                        the list of the newest (``index.py``)
                    2026-11/<time>-<id>           a post
                    2026-11/<time>-<id>-1.jpg     a file beside it
                    answer-<id>                   what I answered to a contact's post
                    answers-<post>/<id>           what I took in of others' answers to mine

A channel is shared as ``.feed.<channel>`` like any folder, so who sees it is what ``access``
says, and taking back, circles, quota and versions just work. The channel of an audience is the
one that has exactly its grants; there is one more kind of record for none of this.

The node secret of ``newest`` follows from the channel's, so that one question brings both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from client.drive.edit import TreeEdit
from client.drive.entry import Entry
from client.drive.folder import FolderEdit
from client.drive.node import new_folder
from client.feed.files import read_file, write_file
from client.feed.index import Index
from client.session import HOME
from client.sharing import access, granting
from client.sharing.circles import granting as circle_grants
from client.sharing.circles import telling
from client.sharing.place import Place
from client.social import circles, contacts, outbox
from client.social.circles import ALL_NAME, Circle, Circles
from client.social.contacts import Contact
from client.social.store import MILLI, System
from crypto.kdf import derive
from crypto.purposes import KdfPurpose
from crypto.secret import Secret, random_bytes
from formats.errors import Damaged, Malformed, TooMany, UnknownVersion, Usage

FOLDER: Final = ".feed"
PREFIX: Final = ".feed."
"""How the share names of channels begin."""
NEWEST: Final = "newest"
ANSWER: Final = "answer-"
ANSWERS: Final = "answers-"
MAX_CHANNELS: Final = 64
"""Audiences of one person; more are not read of anybody."""
MAX_A_MONTH: Final = 4096
"""Files in one month of a channel: more posts than anybody reads."""
_CHANNEL: Final = 8
_UNDER: Final = "under"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who posts are for: contacts, and circles, by id."""

    contacts: frozenset[bytes] = frozenset()
    circles: frozenset[bytes] = frozenset()


@dataclass(slots=True)
class Channel:
    """A channel of one's own within one operation."""

    system: System
    folder: FolderEdit
    entry: Entry
    audience: Audience
    _index: Index | None = field(default=None, repr=False)

    @property
    def edit(self) -> TreeEdit:
        """Where it is changed."""
        return self.system.edit

    async def index(self) -> Index:
        """Its list of the newest; an empty one, with all below its floor, if it cannot be read."""
        if self._index is None:
            try:
                data = await read_file(self.edit, self.folder, NEWEST)
                self._index = Index() if data is None else Index.decode(data)
            except (Damaged, Malformed, UnknownVersion):
                self._index = Index(floor=self.system.now)
        return self._index

    async def write_index(self, index: Index) -> None:
        """Write it, where one question finds it beside the folder if that can be."""
        self._index = index
        secret = await self._secret()
        entry = await write_file(
            self.edit, self.folder, NEWEST, index.encoded, self.system.now, secret
        )
        await self.folder.put(replace(entry, extra={_UNDER: self.folder.node.keys.label}))

    async def _secret(self) -> Secret | None:
        """The secret that follows from the folder's, unless that was used and taken back."""
        there, derived = await self.folder.get(NEWEST), newest_secret(self.folder.node.keys.secret)
        used = there is not None and there.extra.get(_UNDER) == self.folder.node.keys.label
        return None if there is None or (used and there.secret != derived) else derived

    async def month(self, month: str, make: bool = False) -> FolderEdit | None:
        """The folder of a month, made if that is asked."""
        entry = await self.folder.get(month)
        if entry is not None:
            return await self.edit.open_entry(self.folder, entry)
        now = self.system.now * MILLI
        return await self.edit.way(self.folder, (month,), now) if make else None

    async def tell(self) -> None:
        """Everybody in the audience is told that there is something new."""
        system = self.system
        known = await circles.everything(system)
        for id in self.audience.circles:
            if id in known.by_id:
                await telling.note(system, known.by_id[id])
        people = [await contacts.get(system, each) for each in sorted(self.audience.contacts)]
        await outbox.post_changed(system, [each for each in people if each is not None])


def newest_secret(folder: Secret) -> Secret:
    """The node secret of the list of the newest, from that of its channel."""
    return derive(folder, KdfPurpose.FEED)


async def channel_for(system: System, who: Sequence[str]) -> Channel:
    """Within an operation: the channel for exactly these contacts and circles, made if need be.

    Raises NotFound, Usage (nobody), Unfit (blocked), TooMany.
    """
    people, groups = await _named(system, who)
    audience = Audience(
        frozenset(each.id for each in people), frozenset(each.id for each in groups)
    )
    there = [each for each in await own_channels(system) if each.audience == audience]
    if there:
        return there[0]
    return await _make(system, audience, people, groups)


async def own_channels(system: System) -> list[Channel]:
    """All of one's own, with their audiences as they are now."""
    home = await system.edit.hidden_folder((HOME,))
    entry = await home.get(FOLDER)
    if entry is None:
        return []
    top = await system.edit.open_entry(home, entry)
    found = list[Channel]()
    for each in (await top.listing()).entries[:MAX_CHANNELS]:
        if each.is_folder:
            shared = await access.get(system, each.id)
            folder = await system.edit.open_entry(top, each)
            found.append(Channel(system, folder, each, _audience(shared)))
    return found


def _audience(shared: access.Access | None) -> Audience:
    if shared is None:
        return Audience()
    return Audience(
        frozenset(each.contact for each in shared.grants),
        frozenset(each.circle for each in shared.circles),
    )


async def _named(system: System, who: Sequence[str]) -> tuple[list[Contact], list[Circle]]:
    if not who:
        raise Usage("a post is for somebody", hint=f"--to {ALL_NAME}, a circle or a contact")
    people, groups = dict[bytes, Contact](), dict[bytes, Circle]()
    known = await circles.everything(system)
    for name in who:
        if name == ALL_NAME or known.named(name) is not None:
            group = await circle_grants.need(system, name)
            groups[group.id] = group
        else:
            contact = await contacts.to_share_with(system, name)
            people[contact.id] = contact
    return list(people.values()), list(groups.values())


async def _make(
    system: System, audience: Audience, people: Iterable[Contact], groups: Iterable[Circle]
) -> Channel:
    home = await system.edit.hidden_folder((HOME,))
    top = await system.edit.way(home, (FOLDER,), system.now * MILLI)
    if len((await top.listing()).entries) >= MAX_CHANNELS:
        raise TooMany(
            f"you post to {MAX_CHANNELS} different audiences, which is the most",
            hint="post to a circle, and change who is in it",
        )
    name, created = random_bytes(_CHANNEL).hex(), system.now * MILLI
    new = new_folder(created)
    folder = await system.edit.make(top, new, new.entry(name, created))
    place = await Place.find(system, (FOLDER, name))
    for contact in people:
        await granting.grant(system, place, contact, PREFIX + name)
    for group in groups:
        await circle_grants.grant(system, place, group, PREFIX + name)
    channel = Channel(system, folder, place.entry, audience)
    secret = newest_secret(folder.node.keys.secret)
    await write_file(system.edit, folder, NEWEST, Index().encoded, system.now, secret)
    return channel


def everybody_in(known: Circles, audience: Audience) -> frozenset[bytes]:
    """The contacts that an audience is now."""
    people = set(audience.contacts)
    for id in audience.circles:
        people |= known.people(id).keys()
    return frozenset(people)
