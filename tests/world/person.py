"""Somebody at a device: what a person does, one short method each.

    await w.alice.put("docs/a.txt", b"...")

Paths are as on the command line: from the home folder, or ``/alice/...``. Every
method is a call of one verb of ``client/``; what it raises is what that raises.
"""

from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Final

from client.drive.change import mkdir, mv, rm
from client.drive.download import download
from client.drive.drive import Drive
from client.drive.listing import ls, ls_all
from client.drive.resolve import resolve
from client.drive.thumbnails.maker import Maker
from client.drive.trash import empty, restore, trash
from client.drive.upload import upload
from client.identity.account import account, change_password, prove
from client.identity.bundle import Bundle
from client.identity.login import sign_in
from client.identity.password import Hardness
from client.identity.rotation import renew_keys
from client.identity.signup import sign_up
from client.marks import Marks, MemoryMarks
from client.session import Session, Surroundings
from client.sharing.drive import own_drive
from client.sharing.granting import Share
from client.sharing.inside import share_write
from client.sharing.jobs import finish
from client.sharing.share import share, shared_by_me, unshare
from client.sharing.theirs import shared_with_me
from client.social.card import contact_card
from client.social.contacts import contacts
from client.social.follow import accept, decline, follow
from client.social.inbox import collect
from client.social.requests import requests
from crypto.passwords import MIN_MEMLIMIT, MIN_OPSLIMIT, Floor
from formats.errors import NotSignedIn
from formats.invite import Invite
from formats.space import Rights
from tests.world.faults import Fault
from tests.world.place import Place
from tests.world.road import Road

if TYPE_CHECKING:
    from tests.world.world import World

CHEAP: Final = Hardness(MIN_OPSLIMIT, MIN_MEMLIMIT, Floor(MIN_OPSLIMIT, MIN_MEMLIMIT))
"""A password is stretched for microseconds: there is nobody to guess it."""


@dataclass(frozen=True, slots=True)
class Machine(Surroundings):
    """Surroundings whose marks outlive sessions, as the files of a machine would."""

    kept: dict[bytes, MemoryMarks] = field(default_factory=dict)

    def marks(self, bundle: Bundle) -> Marks:
        """The marks of this account on this machine."""
        return self.kept.setdefault(bundle.id, MemoryMarks())


class Person:
    """One person at one device; with a ``folder``, ``keep`` bytes of what it reads stay there."""

    def __init__(
        self,
        world: "World",
        name: str,
        place: Place,
        device: int = 1,
        folder: Path | None = None,
        keep: int | None = None,
    ) -> None:
        self.world: Final = world
        self.name: Final = name
        self.place: Final = place
        self.device: Final = device
        self.password = f"the password of {name}"
        word = f"{name}/{device}"
        self.road: Final = world.road(word, place)
        self.around: Final = Machine(
            self.road,
            world.clock.now_ms,
            Random(f"{world.seed}/{word}"),
            folder,
            hardness=CHEAP,
            keep=keep,
        )
        self._session: Session | None = None
        self.thumbnails: Maker | None = None

    @property
    def session(self) -> Session:
        """The session; raises NotSignedIn."""
        if self._session is None:
            raise NotSignedIn(f"{self.name} is not signed in")
        return self._session

    # --- an account

    async def sign_up(self, invite: str | None = None) -> None:
        """Make the account at this person's home; the first one there needs no invite."""
        code = None if invite is None else Invite.parse(invite).code
        self._session = await sign_up(self.around, self.place.home, self.name, self.password, code)

    async def sign_in(self, password: str | None = None) -> None:
        """Sign in at this person's home."""
        word = self.password if password is None else password
        self._session = await sign_in(self.around, self.place.home, self.name, word)

    async def sign_out(self) -> None:
        """Sign out: the keys are gone from this device."""
        session, self._session = self.session, None
        await session.aclose()

    def goes_on(self, session: Session) -> None:
        """This session takes the place of the one there was, which its caller closes."""
        self._session = session

    async def renew_keys(self, new: str | None = None) -> None:
        """Other identity keys, under the same password or a new one."""
        before = self.session
        attempt = await prove(before, self.password)
        try:
            self.goes_on(await renew_keys(before, attempt, new or self.password))
        finally:
            await attempt.aclose()
        self.password = new or self.password
        await before.aclose()

    async def change_password(self, new: str) -> None:
        """A new password, also for later sign-ins of this ``Person``."""
        await change_password(self.session, self.password, new)
        self.password = new

    async def used(self) -> int:
        """Bytes that the home counts for this person."""
        return (await account(self.session)).usage.used

    async def another_device(self) -> "Person":
        """The same person at a further device, signed in."""
        other = Person(self.world, self.name, self.place, self.world.next_device(self.name))
        other.password = self.password
        await other.sign_in()
        return other

    # --- files

    @property
    def drive(self) -> Drive:
        """Their files, and what others share with them."""
        drive = own_drive(self.session)
        drive.thumbnails = self.thumbnails
        return drive

    async def put(self, path: str, content: bytes) -> None:
        """A file with this content; folders above it are made."""
        folder = path.rpartition("/")[0]
        if folder:
            await mkdir(self.drive, folder, parents=True)
        with NamedTemporaryFile() as local:
            local.write(content)
            local.flush()
            await upload(self.drive, [local.name], path)

    async def upload(self, source: Path, to: str = "") -> None:
        """A local file or folder."""
        await upload(self.drive, [str(source)], to)

    async def download(self, source: str, to: Path, force: bool = False) -> None:
        """To a local folder."""
        await download(self.drive, [source], str(to), force=force)

    async def read(self, path: str) -> bytes:
        """The content of a file."""
        reader = await (await resolve(self.drive, self.drive.path(path))).reader()
        return await reader.read(0, reader.size)

    async def ls(self, path: str = "") -> set[str]:
        """The names in a folder."""
        return {each.name for each in (await ls(self.drive, path)).entries}

    async def ls_all(self, path: str = "") -> set[str]:
        """Every path below a folder, relative to it."""
        top = str(self.drive.path(path))
        async with aclosing(ls_all(self.drive, path)) as folders:
            return {
                each.path.removeprefix(f"{top}/")
                async for listed in folders
                for each in listed.entries
            }

    async def mkdir(self, path: str) -> None:
        """A folder, and those above it."""
        await mkdir(self.drive, path, parents=True)

    async def mv(self, source: str, to: str) -> None:
        """Move or rename."""
        await mv(self.drive, [source], to)

    async def rm(self, path: str) -> None:
        """A file, or a folder with all that is in it."""
        await rm(self.drive, [path], recursive=True)

    async def bring_back(self, path: str) -> None:
        """Out of the trash."""
        await restore(self.drive, [path])

    async def in_trash(self) -> set[str]:
        """Where what is in the trash was."""
        return {str(thing.path) for thing in (await trash(self.drive))[0]}

    async def empty_trash(self) -> None:
        """All of it."""
        await empty(self.drive)

    # --- sharing

    async def share(self, path: str, name: str, as_name: str | None = None) -> None:
        """Let a contact read."""
        await share(self.session, path, name, as_name)

    async def share_write(
        self,
        path: str,
        name: str,
        rights: Rights = Rights.WRITE,
        ceiling: int | None = None,
    ) -> None:
        """Let a contact change a folder."""
        await share_write(self.session, path, name, rights, ceiling)

    async def unshare(self, path: str, name: str) -> None:
        """Take it back."""
        await unshare(self.session, path, name)

    async def shares(self) -> list[Share]:
        """What is shared with others."""
        return await shared_by_me(self.session)

    async def shared_with_me(self) -> set[str]:
        """What others share, as paths; raises the first problem, if there is one."""
        found, problems = await shared_with_me(self.session)
        if problems:
            raise problems[0]
        return {each.path for each in found}

    async def rotate(self) -> None:
        """Finish what taking back left to be done."""
        await finish(self.session)

    # --- people

    async def card(self) -> str:
        """A contact card, as text."""
        return (await contact_card(self.session)).text

    async def follow(self, card: str, as_name: str | None = None) -> None:
        """Ask the person of the card."""
        await follow(self.session, card, as_name)

    async def requests(self) -> set[str]:
        """The names of those who ask to follow."""
        return {request.name for request in await requests(self.session)}

    async def accept(self, name: str, back: bool = False) -> None:
        """Accept a request; ``back``: and follow in turn."""
        await accept(self.session, name, back)

    async def decline(self, name: str) -> None:
        """Leave a request unanswered."""
        await decline(self.session, name)

    async def contacts(self) -> set[str]:
        """The names of all contacts."""
        return {contact.name for contact in await contacts(self.session)}

    async def following(self) -> set[str]:
        """The names of contacts who said yes."""
        return {contact.name for contact in await contacts(self.session) if contact.following}

    async def collect(self) -> list[str]:
        """Deal with everything that others have left; what it was, in words."""
        return [str(event) for event in await collect(self.session)]

    async def befriend(self, other: "Person") -> None:
        """Follow each other, all the way."""
        await self.follow(await other.card())
        await other.collect()
        await other.accept(self.name, back=True)
        await self.collect()

    # --- what happens to people

    @contextmanager
    def meeting(self, *faults: Fault) -> Iterator[Road]:
        """Everything this device calls meets these faults, as long as the block lasts."""
        self.road.faults.extend(faults)
        try:
            yield self.road
        finally:
            for fault in faults:
                self.road.faults.remove(fault)

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        """The calls (``door.name``) that this device makes in the block."""
        made: list[str] = []
        before = len(self.road.calls)
        try:
            yield made
        finally:
            made += self.road.calls[before:]

    async def crash(self) -> None:
        """The device loses power: what was only in its memory is gone, its marks stay."""
        session, self._session = self._session, None
        if session is not None:
            await session.aclose()
