"""An account out of a file to a node, which becomes its home.

    with Archive.opened("/media/stick/alice.car") as archive:
        await archive.unlock(password, floor, device)
        await archive.check(tell)                         reads all of it; tells no node anything
        imported = await brought(around, archive, wish, None, tell)

The node keeps a replica first, which is brought by hand and verified there once more; then it
becomes the home, as a replica does whose home has burned down (``client.moving``). So nothing is
switched before all of it is there, and what was cut off anywhere goes on by the same call.
"""

import os
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

import trio

from client.archive.bringing import Bringing
from client.archive.frames import Reader, in_a_file
from client.archive.inside import Inside, Kind, Piece
from client.archive.manifest import Manifest
from client.archive.older import newest_known, renewed
from client.archive.part import check_regular
from client.drive.disk import local_error
from client.home import HomeLine
from client.identity.bundle import Bundle
from client.identity.device_secret import DeviceSecret
from client.identity.password import PasswordKeys, password_keys
from client.moving.copying import Node, node_at, with_spaces
from client.moving.house import Moved, Wish, after, lives, taken_over
from client.moving.missing import Lack, code_of, lacks
from client.moving.opening import Opened
from client.replicas import ANY, give_first, next_grant, standings
from client.session import Session, Surroundings
from crypto.passwords import Floor
from formats.errors import Conflict, HoldfastError, Unfit, Withheld
from formats.replica import ReplicaGrant
from formats.whereabouts import Home

Tell = Callable[[str, int], None]
"""Told the step, and the bytes that were read in it."""

FILE: Final = b"file"
"""Stands in a grant for the node that is followed, where that is none."""


class Archive:
    """An exported account, open to be read."""

    def __init__(self, path: str, file: BinaryIO) -> None:
        self._path: Final = path
        self._file: Final = file
        self._reader = self._begin()
        self._keys: PasswordKeys | None = None
        self._device: DeviceSecret | None = None

    @classmethod
    @contextmanager
    def opened(cls, path: str) -> Iterator["Archive"]:
        """A file; raises Malformed where it is no exported account, NotFound and so on."""
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise local_error(path, error) from None
        try:
            check_regular(path, handle)
        except Unfit:
            os.close(handle)
            raise
        with open(handle, "rb") as file:
            yield cls(path, file)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return os.fstat(self._file.fileno()).st_size

    @property
    def takes_device_secret(self) -> bool:
        """Whether the password alone does not open it."""
        return self._reader.head.device

    async def unlock(self, password: str, floor: Floor, device: DeviceSecret | None = None) -> None:
        """Open it; raises WrongPassword, and Unfit where the device secret is lacking."""
        if self.takes_device_secret and device is None:
            raise Unfit(
                "this file opens with the account's device secret besides the password",
                hint="add --device-secret",
            )
        self._device = device if self.takes_device_secret else None
        parameters = self._reader.head.parameters
        self._keys = await password_keys(password, parameters, floor, self._device)
        self._reader.open(self._keys)

    @property
    def keys(self) -> PasswordKeys:
        """What the password gave; raises Unfit before it was shown."""
        if self._keys is None:
            raise Unfit("the file is locked")
        return self._keys

    @property
    def device(self) -> DeviceSecret | None:
        """The device secret that opened it, if one did."""
        return self._device

    async def pieces(self, inside: Inside) -> AsyncGenerator[list[Piece], None]:
        """All that is in it, from the beginning, some pieces at a time; whole when this ends.

        ``inside``, a new one, says how far it is. Raises Damaged, Malformed, BadBlock, Forged for
        a file that is not.
        """
        reader = await trio.to_thread.run_sync(self._again)
        while (found := await trio.to_thread.run_sync(_some, reader, inside)) is not None:
            yield found
        if not inside.is_whole:
            raise Unfit("the file has not all that it names", hint="it was not written by Holdfast")

    async def manifest(self) -> Manifest:
        """The records at its beginning, verified; raises as ``pieces``."""
        reader, inside = await trio.to_thread.run_sync(self._again), Inside()
        while not inside.has_records:
            if await trio.to_thread.run_sync(_some, reader, inside) is None:
                break
        return inside.manifest

    async def check(self, tell: Tell) -> "Checked":
        """Read and verify every byte of it; raises as ``pieces``."""
        inside = Inside()
        async with aclosing(self.pieces(inside)) as pieces:
            async for _ in pieces:
                tell("checking", inside.bytes)
        return Checked(inside.manifest, inside.blocks, inside.bytes)

    def _again(self) -> Reader:
        """From the beginning, opened."""
        self._reader = self._begin()
        self._reader.open(self.keys)
        return self._reader

    def _begin(self) -> Reader:
        try:
            self._file.seek(0)
            return Reader(self._file)
        except OSError as error:
            raise local_error(self._path, error) from None


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that is whole; ``bytes``: of its blocks."""

    manifest: Manifest
    blocks: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What this machine has seen, and the file does not have: to be agreed to by its code."""

    code: str
    lacks: tuple[Lack, ...]


async def brought(
    around: Surroundings,
    archive: Archive,
    wish: Wish,
    accept: str | None,
    tell: Tell,
    left: bool = False,
) -> Moved | Shown:
    """Make ``wish.to`` the home of the account in the file, with what is in it. May be repeated.

    ``left``: whoever asks says that the home before is not to be gone on with, though it answers.
    Raises Unfit where it answers and that was not said; Stale where the identity's keys were
    renewed since; BadInvite, Exists, QuotaExceeded, and all that ``Archive.pieces`` raises.
    """
    checked = await archive.check(tell)  # nothing is told to anybody before all of it holds
    manifest = checked.manifest
    seq = await newest_known(around, manifest, wish.to, left)
    session, opened = _session(around, archive, manifest, wish.to, seq)
    try:
        _check_keys(session)
        return await _brought(session, opened, archive, manifest, wish, accept, tell)
    finally:
        await session.aclose()


async def _brought(
    session: Session,
    opened: Opened,
    archive: Archive,
    manifest: Manifest,
    wish: Wish,
    accept: str | None,
    tell: Tell,
) -> Moved | Shown:
    spaces = [at.space for at in manifest.spaces]
    async with node_at(session, wish.to) as there:
        if not await lives(session, there):  # else this goes on behind that
            await _let_bring(session, there, wish.invite)
            await _bring(archive, manifest, there.line, tell)
        await with_spaces(session, there.line, spaces)
        found = await lacks(session, there, spaces)
        _check_there(manifest, found)
        code = code_of(found)
        if accept is None and not all(each.fits for each in found):
            return Shown(code, tuple(found))
        if accept not in (None, code):
            raise Conflict("that is not what was shown", hint="look at it once more")
        made = await taken_over(session, opened, wish, there, found, tell)
    if archive.device is not None:
        session.around.remembered.keep_secret(made.name, wish.to.peer, archive.device)
    old = manifest.whereabouts.home
    return await after(made, None if old.peer == wish.to.peer else old, tell)


async def _bring(archive: Archive, manifest: Manifest, line: HomeLine, tell: Tell) -> None:
    bringing, inside = Bringing(line, manifest.chain.id, manifest.spaces), Inside()
    async with aclosing(archive.pieces(inside)) as pieces:
        async for some in pieces:
            for piece in some:
                if piece.kind is not Kind.RECORD:
                    await bringing.take(piece)
            tell("bringing", inside.bytes)


async def _let_bring(session: Session, there: Node, invite: bytes | None) -> None:
    """Have the node keep a replica, which follows nobody; nothing if it keeps one already."""
    known = await _known(session, there)
    if known is not None and not known.is_over and (invite is None or known.home == FILE):
        return
    before = [] if known is None else [known]
    grant = next_grant(session, FILE, there.home, ANY, before)
    await give_first(session, there.home, grant, invite)


async def _known(session: Session, there: Node) -> ReplicaGrant | None:
    """The newest grant that the node has of a replica there; None: nothing, or nobody."""
    try:
        for each in await standings(session, there.line):
            grant = ReplicaGrant.decode(each.grant)
            if grant.peer == there.home.peer:
                return grant
    except HoldfastError:
        return None
    return None


def _session(
    around: Surroundings, archive: Archive, manifest: Manifest, to: Home, seq: int
) -> tuple[Session, Opened]:
    """A session with the keys in the file, as if the node were the home already.

    ``seq``: the number that new whereabouts come after.
    """
    record, chain = manifest.sign_in, manifest.chain
    bundle = Bundle.open(record.bundle, record.name, record.id, archive.keys)
    chain.extends(bundle.id, bundle.head_seq, bundle.head)
    bundle = replace(bundle, whereabouts_seq=seq)
    session = Session.at(around, to, record.name, chain, manifest.whereabouts, bundle)
    session.record = record
    return session, Opened(bundle, archive.keys, record.parameters)


def _check_there(manifest: Manifest, found: Sequence[Lack]) -> None:
    """Return if the node shows at least what is in the file; raises Withheld."""
    for at, each in zip(manifest.spaces, found, strict=True):
        if each.situation is None or each.situation.home.pointer.seq < at.pointer.seq:
            raise Withheld(
                "the node said that it took what was brought, and does not show it",
                hint="nothing was switched; another node may be better",
            )


def _check_keys(session: Session) -> None:
    """Return if this machine never saw newer keys of this identity; raises Stale."""
    seen = session.marks.get(session.id, session.bundle.space)
    if seen is not None and seen.identity_seq > session.chain.seq:
        raise renewed()


def _some(reader: Reader, inside: Inside) -> list[Piece] | None:
    blocks = reader.next()
    with in_a_file():
        return None if blocks is None else [inside.take(block) for block in blocks]
