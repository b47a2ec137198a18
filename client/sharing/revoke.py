"""Taking access back: at once, in one commit; the rest of the rotation follows.

In that commit the node gets a new secret, everybody who keeps access to it, or to
something further down, gets theirs, and every old label below is retired: from then
on homes refuse them to all but members. Folders whose children still have old
secrets are noted in ``system/rotations``, and ``jobs`` goes on from there.
"""

from collections.abc import Iterable
from dataclasses import replace

from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView
from client.drive.node import OF_ONE_NODE, FolderNode, open_folder, open_node
from client.sharing import access, guests
from client.sharing.access import Access
from client.sharing.guests import Apart, Guest
from client.sharing.permit import Permit, key_entry, mount
from client.sharing.rotate import rotate_node, rotate_pages
from client.sharing.survey import Names, survey
from client.social.store import CIRCLE_LOGS, LOGS, MILLI, ROTATIONS, System


async def rotate_below(
    system: System, entry: Entry, what: str, at_once: Iterable[Names] = ()
) -> Entry:
    """Within an operation: a new secret for a file or folder, now, and for all below it, soon.

    Returns its entry as it has to stand in its parent from now on. Everybody who
    has a grant, to it or to something below, is given the new secret. ``at_once``: names of
    what is below it and gets its new secret in this commit, too.
    """
    changing = system.tree.changing
    mine = system.tree is system  # nobody else writes entries there
    found = await survey(changing, entry, await access.all_ids(system), believing=mine)
    changing.retire(found.labels)
    try:
        node = await open_node(changing, entry.keys, what)
        new = await rotate_node(changing, node)
    except OF_ONE_NODE:
        # Part of it cannot be read: its labels are refused to others all the same.
        return entry
    rotated = replace(entry, secret=new.secret)
    await _give(system, rotated)
    if isinstance(node, FolderNode):
        await note_due(system, [rotated])
        await descend(system, rotated, [*at_once, *found.granted])
    return rotated


async def note_due(system: System, entries: Iterable[Entry]) -> None:
    """Note folders whose children are still to be rotated."""
    due = [
        Entry(each.keys.label.hex(), Kind.FOLDER, system.now * MILLI, each.secret, each.id)
        for each in entries
        if each.kind is Kind.FOLDER
    ]
    if due:
        system.session.rotation_due = True
        await (await system.tree.folder(ROTATIONS)).put(*due)


async def rotate_children(system: System, folder: FolderNode, view: FolderView, name: str) -> None:
    """Rotate the page on which ``name`` stands, if it was not done yet."""
    page = await view.page_of(name)
    rotated = await rotate_pages(system.tree.changing, folder, [page])
    await settle(system, rotated)


async def settle(system: System, rotated: list[Entry]) -> None:
    """After entries got new secrets: whoever has a grant gets it, what is below is noted."""
    await note_due(system, rotated)
    shared = await access.all_ids(system)
    for each in rotated:
        if each.id in shared:
            await _give(system, each)


async def descend(system: System, entry: Entry, granted: Iterable[Names]) -> None:
    """Rotate the pages on the way down to each grant, in this commit."""
    by_name: dict[str, list[Names]] = {}
    for names in granted:
        by_name.setdefault(names[0], []).append(names[1:])
    done: set[bytes] = set()
    for name, rest in by_name.items():
        folder = await open_folder(system.tree.changing, entry.keys, entry.name)
        view = FolderView(system.tree.changing, folder, entry.name)
        prefix = (await view.page_of(name)).prefix
        if prefix not in done:
            done.add(prefix)
            await rotate_children(system, folder, view, name)
        child = await view.get(name)
        deeper = [names for names in rest if names]
        if child is not None and deeper:
            await descend(system, child, deeper)


async def _give(system: System, entry: Entry) -> None:
    """Everybody who has a grant to it finds the new secret in their folder of shares."""
    known = await access.get(system, entry.id)
    if known is not None:
        await give(system, known, entry)


async def give(system: System, known: Access, entry: Entry) -> None:
    """Write an entry into the folder of shares of everybody, and each circle, with a grant.

    What is in a space of its own stands there as a mount; who may write gets the permit with it.
    """
    apart = None if known.space is None else await guests.get(system, known.space)
    if apart is not None and apart.id == entry.id:
        await give_permits(system, apart, entry, apart.present)
    for grant in known.grants:
        given = replace(entry, name=grant.name, extra={})
        if apart is not None:
            given = _mounted(system, apart, grant.contact, given)
        log = await system.folder(LOGS, grant.contact.hex())
        await log.put(given)
    for group in known.circles:
        given = replace(entry, name=group.name, extra={})
        if apart is not None:
            given = mount(given, system.session.id, apart.space)
        log = await system.folder(CIRCLE_LOGS, group.circle.hex())
        await log.put(given)


async def give_permits(system: System, apart: Apart, entry: Entry, whom: Iterable[Guest]) -> None:
    """Write into the folders of shares of these what each needs to write.

    Of guests through circles: they read what is in the circle's folder, but each has a key alone.
    """
    for guest in whom:
        if guest.through:
            log = await system.folder(LOGS, guest.contact.hex())
            await log.put(key_entry(entry, system.session.id, apart, guest))


def _mounted(system: System, apart: Apart, contact: bytes, entry: Entry) -> Entry:
    guest = apart.guest(contact) if apart.id == entry.id else None
    permit = None if guest is None or guest.through else Permit.of(apart, guest)
    return mount(entry, system.session.id, apart.space, permit)
