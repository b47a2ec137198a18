"""New secrets for all of a space: whoever wrote there and was removed reads nothing of it.

A guest has the secret of the top folder. So that gets a new one, with a system folder
made anew, and the shared folder and the trash get theirs in the same commit; all below follows
by ``jobs``, as after any taking back. Whoever stays is given what they need to go on.
"""

from dataclasses import replace

from client.drive.edit import TreeEdit, need
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderEdit
from client.drive.node import open_node
from client.keys import NodeKeys
from client.session import HOME, SYSTEM
from client.sharing import access, guests
from client.sharing.apart import system_of
from client.sharing.guests import Apart
from client.sharing.moving import make_top
from client.sharing.revoke import descend, settle
from client.sharing.rotate import rotate_node
from client.sharing.survey import survey
from client.social.store import MOVES, ROTATIONS, System
from client.space.reading import Changing
from crypto.secret import random_secret


async def renew(system: System, apart: Apart) -> tuple[System, Apart, Entry]:
    """Within an operation in which nothing is due: the new top, and the shared folder's entry.

    ``system`` has the space as its tree. Returns what takes its place, too.
    """
    there, old = system.tree.changing, TreeEdit(system.tree.changing, apart.top)
    top_folder = await old.hidden_folder(())
    whole = Entry("", Kind.FOLDER, 0, apart.tops[0], top_folder.node.header.id)
    found = await survey(there, whole, await access.all_ids(system))
    there.retire(found.labels)
    home = await _rotated(there, await need(top_folder, HOME))
    kept = await _system_rotated(there, await old.hidden_folder((SYSTEM,)))
    there.delete((await need(top_folder, SYSTEM)).keys.label)
    there.delete(apart.top.label)
    apart = apart.renewed(random_secret())
    await make_top(there, system.session, apart, home)
    tree = system_of(system.session, NodeKeys(apart.tops[0]))(there)
    await (await tree.folder()).put(*kept)
    system = System(system.session, system.changing, system.edit, tree)
    await guests.put(system, apart)
    await settle(system, [home, *kept])
    deeper = [names[1:] for names in found.granted if names[0] == HOME and len(names) > 1]
    await descend(system, home, deeper)
    return system, apart, home


async def _system_rotated(there: Changing, folder: FolderEdit) -> list[Entry]:
    """What was in the system folder, under new secrets, but for notes of what is due: none is."""
    kept: list[Entry] = []
    for each in (await folder.listing()).entries:
        if each.is_folder and each.name not in (ROTATIONS, MOVES):
            kept.append(await _rotated(there, each))
        elif each.is_folder:
            there.delete(each.keys.label)
    return kept


async def _rotated(there: Changing, entry: Entry) -> Entry:
    node = await open_node(there, entry.keys, entry.name)
    new = await rotate_node(there, node)
    return replace(entry, secret=new.secret)
