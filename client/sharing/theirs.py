"""What others share with me: a folder below each contact's name.

It is read at their home with a reader key made for that contact alone; what they
took back is refused there, whatever is remembered here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from client.capability import Capability
from client.drive.drive import Drive
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView, entries_of
from client.drive.node import OF_ONE_NODE, leaves_apart, open_folder
from client.drive.paths import DrivePath
from client.home import HomeLine
from client.keys import NodeKeys, Ref
from client.provers import ReaderProver
from client.session import Session
from client.sharing import guests
from client.sharing.apart import guest_space, own_author, own_space
from client.sharing.gathered import Gathered, as_folder, gather
from client.sharing.granting import NONE
from client.sharing.mounts import shared_folders
from client.sharing.permit import OF, Permit
from client.social import contacts
from client.social.contacts import Contact, check_not_stopped
from client.social.owners import ContactOwners, refresh
from client.social.store import System, by_what_is_known, look
from client.space.author import Author
from client.space.away import AtHand, AwayReading, newest
from client.space.committer import OwnSpace
from client.space.overlay import Overlay
from client.space.reading import Reading
from client.space.tip_reading import TipReading
from client.space.view import SpaceView
from crypto.kdf import derive
from crypto.purposes import KdfPurpose
from crypto.secret import Secret
from crypto.signing import LockKey
from formats.errors import Denied, HoldfastError, NotFound, Stale
from formats.leaf import Leaf
from formats.space import Rights
from formats.whereabouts import primary


@dataclass(frozen=True, slots=True)
class TheirShare:
    """Something that a contact shares with me, as it stands in their folder of shares.

    ``rights``: what I may do besides reading; ``ceiling``: bytes that I may add, if they said.
    """

    contact: str
    name: str
    kind: Kind
    size: int
    rights: Rights = NONE
    ceiling: int | None = None

    @property
    def path(self) -> str:
        """Where it is for me."""
        return f"/{self.contact}/{self.name}"


@dataclass(frozen=True, slots=True)
class Within:
    """A space that I may write to, and what its files need: its top folder, now and before.

    ``is_file``: it is of one file alone.
    """

    space: OwnSpace
    tops: tuple[Secret, ...]
    author: Author
    is_file: bool = False


Make = Callable[[Session, Drive, str, Within], Drive]
"""Makes the drive of such a space, mounted in another drive under a name."""


class TheirShares:
    """``client.drive.drive.Shares`` for a session. ``make``: drives of spaces within it."""

    def __init__(self, session: Session, make: Make | None = None) -> None:
        self._session: Final = session
        self._make: Final = make

    async def people(self) -> list[str]:
        """The names of those I follow."""
        return [each.name for each in await contacts.contacts(self._session) if visible(each)]

    async def open(self, person: str, share: str | None = None) -> tuple[Reading, NodeKeys]:
        """Their space as I may read it, newest, and their folder of shares for me.

        ``share``: what of it is looked at next. Raises NotFound (nobody of that name, or not
        followed), Denied (nothing is shared any more), Unreachable.
        """

        async def of(system: System) -> tuple[Reading, NodeKeys]:
            return await self.open_of(await _followed(system, person), share)

        return await by_what_is_known(self._session, of)

    async def open_of(self, known: Contact, share: str | None = None) -> tuple[Reading, NodeKeys]:
        """As ``open``, of a contact whose record was just read."""
        person = known.name
        if known.theirs is None:
            raise NotFound(f"{person} has not answered your follow request yet")
        keys = known.theirs.keys
        try:
            reading = await self._open(known, known.theirs.space, keys, share)
            reading, shares = await self._noticed(known, reading, keys)
            if shares.merged:
                return await as_folder(reading, shares, f"/{person}")
            return reading, keys
        except Denied as error:
            self._forget(known, known.theirs.space)
            if await self._has_left(known):
                raise Denied(_LEFT.format(person), hint=_WAIT.format(person)) from error
            raise Denied(_WITHHELD.format(person), hint=_ASK.format(person)) from error

    async def within(self, outer: Drive, path: DrivePath, entry: Entry) -> Drive | None:
        """The drive of a mounted space that I may write to: my own, or one I am a guest of."""
        within = await self._within(entry)
        if within is None or self._make is None:
            return None
        return self._make(self._session, outer, str(path)[1:], within)

    async def spaces(self) -> list[str]:
        """What is shared for writing, or was, and not removed since."""
        return await shared_folders(self._session)

    async def _within(self, entry: Entry) -> Within | None:
        session, space = self._session, entry.space or b""
        if entry.owner == session.id:
            reading = await session.space.at_hand()
            apart = await guests.get(System(session, Overlay(reading)), space)
            author = own_author(session, space)
            return Within(await own_space(session, space), apart.tops, author, apart.is_file)
        permit = Permit.read(entry)
        known = await contacts.get(await look(session), entry.owner or b"")
        if permit is None or known is None or not visible(known):
            return None
        author = Author(permit.top, space, lambda: session.around.device)
        theirs = await guest_space(session, known, space, permit.member)
        return Within(theirs, (permit.top,), author, entry.is_mounted_file)

    async def mounted(self, owner: bytes, space: bytes, keys: NodeKeys) -> Reading:
        """Another space that a mount names: only of somebody I follow, or my own."""
        if owner == self._session.id and space == self._session.bundle.space:
            return await self._session.space.reading()
        known = await contacts.get(await look(self._session), owner)
        if known is None or not visible(known):
            raise Denied("what is mounted there belongs to somebody you do not follow")
        return await self._open(known, space, keys)

    async def _noticed(
        self, known: Contact, reading: TipReading, keys: NodeKeys
    ) -> tuple[TipReading, Gathered]:
        """The reading, once what they took back meanwhile is not kept here any more."""
        what = f"/{known.name}"
        shares, kept = await gather(reading, keys, what), reading.view.kept
        if kept is None or isinstance(reading, AwayReading) or shares.problems:
            return reading, shares
        if not kept.shares(each.id or b"" for each in shares.entries):
            self._session.cache.clear()
            reading = await newest(reading.view, [keys.ref()])
            shares = await gather(reading, keys, what)
        return reading, shares

    async def _has_left(self, known: Contact) -> bool:
        """Whether there is nothing because their account was deleted there, as they signed."""
        if not known.left:
            try:
                known = await refresh(self._session, known.id)
            except HoldfastError:
                return False
        return bool(known.left)

    def _forget(self, known: Contact, space: bytes) -> None:
        """They took everything back: nothing of it is kept."""
        kept = view_of(self._session, known, space).kept
        if kept is not None:
            kept.drop()
            self._session.cache.clear()

    async def _open(
        self, known: Contact, space: bytes, keys: NodeKeys, share: str | None = None
    ) -> TipReading:
        view = view_of(self._session, known, space)
        try:
            return await newest(view, [keys.ref(), *await _along(view, keys, share)])
        except Stale:
            # Their records name a newer identity than the one that is pinned here.
            fresh = await refresh(self._session, known.id)
            return await newest(view_of(self._session, fresh, space), [keys.ref()])


async def _followed(system: System, person: str) -> Contact:
    known = await contacts.by_name(system, person)
    if not (known.following or known.asked):
        raise NotFound(f"you do not follow {person}", hint="'holdfast follow CARD' asks them")
    check_not_stopped(known)
    return known


async def shared_with_me(session: Session) -> tuple[list[TheirShare], list[HoldfastError]]:
    """What contacts share with me, and why some of it cannot be told just now."""
    theirs, found = TheirShares(session), list[TheirShare]()
    problems: list[HoldfastError] = []
    for known in await contacts.contacts(session):
        if not visible(known) or known.theirs is None:
            continue
        try:
            reading, keys = await theirs.open(known.name)
            top = Capability(known.id, reading.space, keys.secret)
            listing = await entries_of(reading, top, f"/{known.name}")
        except HoldfastError as error:
            problems.append(error)
            continue
        problems += listing.problems
        found += [_their_share(known, each) for each in listing.entries]
    return found, problems


def _their_share(known: Contact, entry: Entry) -> TheirShare:
    kind = entry.kind
    if kind is Kind.MOUNT:
        kind = Kind.FILE if OF in entry.extra else Kind.FOLDER
    permit = Permit.read(entry)
    if permit is None:
        return TheirShare(known.name, entry.name, kind, entry.size)
    return TheirShare(known.name, entry.name, kind, entry.size, permit.rights, permit.ceiling)


def gone(person: str, name: str) -> Denied:
    """For a share that is not, or no longer, in a contact's folder of shares."""
    return Denied(
        f"{person} does not share '{name}' with you (any more), or their home withholds it",
        hint=_ASK.format(person),
    )


def reader_key(session: Session, contact: bytes) -> LockKey:
    """The key with which one contact's home knows this reader: another for each contact."""
    return LockKey.from_seed(derive(session.bundle.account, KdfPurpose.READER, contact))


def view_of(session: Session, known: Contact, space: bytes) -> SpaceView:
    """One view for each space, kept while their homes stay the same."""
    key = (known.id, space, known.reach.homes)
    view = session.foreign.get(key)
    if view is None:
        view = session.foreign[key] = _made(session, known, space)
    return view


def _made(session: Session, known: Contact, space: bytes) -> SpaceView:
    """At their home; while that is away, at their replicas."""
    reader, homes = reader_key(session, known.id), known.reach.homes
    prover, name = ReaderProver(reader, rides=True), known.name
    line = HomeLine(session.around.network, [primary(homes)], prover)
    cache = session.blocks(homes, known.id, space, name)
    owners = ContactOwners(session)
    view = SpaceView(line, owners, session.marks, cache, known.id, space, reader)
    view.whose = name
    view.elsewhere = partial(session.at_replicas, view, homes, prover)
    session.watch(view, name)
    return view


async def _along(view: SpaceView, keys: NodeKeys, share: str | None) -> list[Ref]:
    """A share that was seen by name and not opened yet: it comes with the newest state.

    If it is another one by now, or gone, it is looked for as ever.
    """
    if share is None or view.tip is None:
        return []
    here = AtHand(view, view.tip)
    try:
        entry = await FolderView(here, await open_folder(here, keys, share), share).get(share)
    except OF_ONE_NODE:
        return []
    if entry is None or entry.kind not in (Kind.FILE, Kind.FOLDER):
        return []
    ref = entry.keys.ref()
    return [] if isinstance((await leaves_apart(here, [ref]))[ref.label], Leaf) else [ref]


def visible(known: Contact) -> bool:
    """Whether they share with me, as far as is known here."""
    return known.following and known.theirs is not None


_WITHHELD: Final = "{} shares nothing with you any more, or their home withholds it"
_LEFT: Final = "{} has left their home, and has not said where they live now"
_WAIT: Final = "when {} lives somewhere again, this is there again: friends are told by themselves"
_ASK: Final = "ask {} whether that is meant"
