"""A folder or file gets a space of its own: its leaves are linked there, a mount takes its place.

    system/moves/<space>   noted: from here on other changes of files wait (``jobs.GatedSpace``)
    the space              begun with a top folder, the leaves linked in commits of bounded size
    one commit of both     the mount in place of the folder, everybody's grants following it
    the leaves             cleared from the root space, as those of what was removed

Killed anywhere, the folder can be reached in the one space or in the other. No content moves:
the home has every block already, and is told their names (docs/decisions/0271).
"""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Final

import trio

from client.capability import Capability
from client.drive.clearing import CLEAR, clear, jobs_folder
from client.drive.drive import ONLY, Drive
from client.drive.edit import TreeEdit, need
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView, create_folder, insert
from client.drive.node import open_file
from client.drive.paths import DrivePath
from client.drive.resolve import Found
from client.drive.walk import file_labels, labels_of_files, walk
from client.home import Connected
from client.identity.admitting import own_members
from client.identity.signup import Nothing
from client.keys import new_node_secret
from client.session import HOME, SYSTEM, Session
from client.sharing import access, granted, guests
from client.sharing.apart import own_key, own_space, system_of
from client.sharing.guests import Apart
from client.sharing.permit import mount
from client.sharing.revoke import give
from client.sharing.survey import has_node
from client.social.store import MILLI, MOVES, System
from client.space.committer import OwnSpace
from client.space.joint import commit_both
from client.space.overlay import Overlay
from client.space.reading import Changing, Reading
from client.space.state import Tip, spine_of
from crypto.secret import random_bytes, random_secret
from formats.cid import Cid
from formats.commit import Commit, Move
from formats.errors import (
    Conflict,
    Denied,
    HoldfastError,
    NotAFolder,
    NotFound,
    QuotaExceeded,
    Unfit,
)
from formats.pointer import Pointer
from formats.root import Root
from formats.space import SpaceRecord
from formats.tree.node import EMPTY
from formats.tree.update import build
from protocols import pointers as p

BATCH: Final = 4096
"""Leaves that one commit links."""
_WHAT: Final = "move"


def begin(entry: Entry, parts: tuple[str, ...]) -> Apart:
    """A space for a folder at this path, by its entry; nothing is there yet."""
    if entry.id is None:
        raise Unfit("a link has no space")
    is_file = entry.kind is Kind.FILE
    return Apart(random_bytes(32), entry.id, parts, (random_secret(),), is_file=is_file)


async def note(system: System, apart: Apart) -> None:
    """Note that a folder is on its way, within an operation."""
    await system.put((MOVES, apart.space.hex()), apart.value)


async def finish(session: Session, system: System) -> int:
    """Finish every move that is noted; how many that were."""
    if await system.find(MOVES) is None:
        return 0
    noted = await system.all(MOVES)
    for fields in noted.values():
        await _finish(session, Apart.read(fields))
    return len(noted)


async def check(session: Session, reading: Reading, entry: Entry, parts: Sequence[str]) -> None:
    """Return if a folder can move as it is; raises Unfit, or what keeps it from being read."""
    await _contents(reading, entry, "/".join(("", session.name, *parts)), set())


async def _finish(session: Session, apart: Apart) -> None:
    try:
        await _move(session, apart)
    except (QuotaExceeded, Unfit):
        await _abandon(session, apart)
        raise
    drive = Drive(session.name, session.space, session.root.keys, session.around.now)
    await clear(drive)


async def _move(session: Session, apart: Apart) -> None:
    reading = await session.space.start(0)
    edit = TreeEdit(Overlay(reading), session.root.keys)
    try:
        entry = await need(await edit.hidden_folder((HOME, *apart.parts[:-1])), apart.parts[-1])
    except (NotFound, NotAFolder):
        entry = None
    if entry is None or not has_node(entry) or entry.id != apart.id:
        await _abandon(session, apart)
        return
    shared = await access.all_ids(System(session, Overlay(reading), edit))
    found = await _contents(reading, entry, apart.parts[-1], shared)
    places = await session.space.places(reading.tip, found.labels)
    leaves = {label: cid for label, cid in places.items() if cid is not None}
    space = await own_space(session, apart.space)
    await _link(session, space, apart, entry, leaves)
    await _swap(session, space, apart, entry, found)


@dataclass(slots=True)
class _Contents:
    """Every label of a folder and of all below it; what of it somebody has a grant to."""

    labels: list[bytes] = field(default_factory=list)
    granted: list[Entry] = field(default_factory=list)


async def _contents(reading: Reading, entry: Entry, what: str, shared: set[bytes]) -> _Contents:
    async def same() -> Reading:
        return reading

    contents, problems = _Contents(), list[HoldfastError]()
    if entry.id in shared:
        contents.granted.append(entry)
    if not entry.is_folder:
        contents.labels += file_labels(await open_file(reading, entry.keys, what))
        return contents
    top = Found(DrivePath(what), reading, entry.keys, entry, same)
    async with aclosing(walk(top, problems, any_depth=True)) as visits:
        async for visit in visits:
            view = FolderView(visit.reading, visit.node, str(visit.path))
            contents.labels += [visit.node.keys.label, *await view.labels(problems)]
            contents.labels += await labels_of_files(visit, problems)
            entries = visit.listing.entries
            contents.granted += [each for each in entries if each.id in shared]
            if any(each.kind is Kind.MOUNT for each in entries) or visit.listing.bad:
                raise Unfit(
                    f"in {visit.path} is something that cannot get into another space",
                    hint="a folder that is shared for writing already, or a broken entry: "
                    "move it out first",
                )
    if problems:
        raise problems[0]
    return contents


async def _link(
    session: Session, space: OwnSpace, apart: Apart, entry: Entry, leaves: dict[bytes, Cid]
) -> None:
    """Every leaf in the space; those that an earlier attempt linked are left alone."""
    ahead = list(leaves.items())
    try:
        tip = (await space.view.newest()).tip
    except Denied:  # it is not there yet
        await _create(session, space, apart, entry, ahead[:BATCH])
        ahead = ahead[BATCH:]
    else:
        there = await space.places(tip, list(leaves))
        ahead = [(label, cid) for label, cid in ahead if there[label] != cid]
    for start in range(0, len(ahead), BATCH):
        some = ahead[start : start + BATCH]

        async def operation(changing: Changing, some: Sequence[tuple[bytes, Cid]] = some) -> None:
            for label, cid in some:
                changing.link(label, cid)
            await trio.lowlevel.checkpoint()

        await space.commit(operation)


async def _create(
    session: Session,
    space: OwnSpace,
    apart: Apart,
    entry: Entry,
    leaves: Sequence[tuple[bytes, Cid]],
) -> None:
    """The space with its top folder and the first of the leaves."""
    overlay = Overlay(Nothing(session.id, apart.space))
    await make_top(overlay, session, apart, entry)
    put = overlay.leaves_put.items()
    made = {label: leaf.block for label, leaf in put if leaf is not None}
    tree = build({label: block.cid for label, block in made.items()} | dict(leaves))
    root = Root(tree.root, EMPTY.cid).block
    key = await trio.to_thread.run_sync(own_key, session, apart.space)
    mine = own_members(session.bundle, apart.space)
    record = SpaceRecord.first(apart.space, session.chain, mine, session.bundle.daily)
    pointer = Pointer.first(record, root.cid, session.around.now(), key)
    blocks = (root, EMPTY, *tree.blocks, *made.values())
    request = p.Move(Commit((Move(pointer, record),)).encoded, blocks)

    async def ask(connected: Connected) -> p.Committed | p.Conflict:
        return await connected.doors.pointers.move(request)

    answer = await session.line.call(ask)
    if isinstance(answer, p.Conflict):  # another device was first
        raise Conflict("another device is moving the same folder", hint="try again")
    for block in blocks:
        space.view.cache.put(block)
    space.view.adopt(Tip(pointer, record, spine_of(pointer)))


async def make_top(overlay: Changing, session: Session, apart: Apart, home: Entry) -> None:
    """The top folder of a space, and an empty system folder in it.

    ``home`` is the folder that is shared; a file gets one to be in.
    """
    top = Capability(session.id, apart.space, apart.tops[0])
    created = session.around.now() * MILLI
    await create_folder(overlay, apart.tops[0], created)
    if home.kind is Kind.FILE:
        home = await _around(overlay, session, apart, replace(home, name=ONLY), created)
    system = await create_folder(overlay, random_secret(), created)
    await insert(overlay, top, replace(system, name=SYSTEM))
    await insert(overlay, top, replace(home, name=HOME, extra={}))


async def _around(
    overlay: Changing, session: Session, apart: Apart, file: Entry, created: int
) -> Entry:
    """A folder with one file in it."""
    secret = random_secret()
    folder = await create_folder(overlay, secret, created)
    await insert(overlay, Capability(session.id, apart.space, secret), file)
    return folder


async def _swap(
    session: Session, space: OwnSpace, apart: Apart, entry: Entry, found: _Contents
) -> None:
    """The mount in place of the folder: with this commit it is in the other space."""

    async def operation(here: Overlay, there: Overlay, _record: SpaceRecord) -> None:
        system = System(session, here, tree=system_of(session, apart.top)(there))
        parent = await system.edit.hidden_folder((HOME, *apart.parts[:-1]))
        now = await need(parent, apart.parts[-1])
        if now.secret != entry.secret:
            raise Conflict("the folder was changed on its way", hint="try again")
        # Whoever may read a folder above sees that something is mounted, and not into it: what
        # they could open there could not be taken back with what is above.
        closed = replace(now, secret=new_node_secret())
        await parent.put(mount(closed, session.id, apart.space))
        drive = Drive(session.name, session.space, session.root.keys, session.around.now)
        jobs = await jobs_folder(drive, system.edit)
        await jobs.put(replace(now, name=CLEAR + random_bytes(8).hex(), extra={}))
        await guests.put(system, apart)
        await system.remove(MOVES, apart.space.hex())
        for each in found.granted:
            await _follow(system, apart, each)
        if found.granted:
            await granted.keep(system, apart)
            await system.tree.flush()
        await system.flush()

    await commit_both(session.space, space, operation)


async def _follow(system: System, apart: Apart, entry: Entry) -> None:
    """Whoever has a grant to it finds it in the other space from now on."""
    known = await access.get(system, entry.id)
    if known is not None:
        known = replace(known, space=apart.space)
        await access.put(system, known)
        await give(system, known, entry)


async def _abandon(session: Session, apart: Apart) -> None:
    """The folder stays where it is; of the space only a few empty blocks are left."""

    async def strike(changing: Changing) -> None:
        system = System(session, changing)
        await system.remove(MOVES, apart.space.hex())
        await system.flush()

    await session.space.commit(strike)
    space = await own_space(session, apart.space)
    try:
        await space.view.newest()
    except Denied:
        return
    await space.commit(_emptied)


async def _emptied(changing: Changing) -> None:
    changing.empty()
    await trio.lowlevel.checkpoint()
