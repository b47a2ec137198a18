"""New secrets for all of a space: whoever wrote there and was removed reads nothing of it.

A guest has the secret of the top folder. So that gets a new one, with a system folder
made anew, and the shared folder and the trash get theirs in the same commit; all below follows
by ``jobs``, as after any taking back. Whoever stays is given what they need to go on.

What a guest wrote over so that nobody can open it keeps nobody from being removed. A trash that
is broken is left behind; where the shared folder is, the space begins anew with an empty one, and
the owner has the earlier states to restore from (docs/decisions/0331).
"""

from dataclasses import replace

from client.drive.edit import TreeEdit, need
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderEdit, FolderView
from client.drive.node import OF_ONE_NODE, new_folder, open_folder
from client.keys import NodeKeys
from client.session import HOME, SYSTEM
from client.sharing import access, guests
from client.sharing.apart import own_space, system_of
from client.sharing.guests import Apart
from client.sharing.moving import make_top
from client.sharing.revoke import descend, settle
from client.sharing.rotate import rotate_node
from client.sharing.steps import BROKEN
from client.sharing.survey import Names, survey
from client.social.store import MILLI, MOVES, ROTATIONS, System
from client.space.reading import Changing
from crypto.secret import random_secret
from formats.errors import HoldfastError, Internal, UnknownVersion


async def renew(system: System, apart: Apart) -> tuple[System, Apart, Entry]:
    """Within an operation: the new top, and the shared folder's entry.

    ``system`` has the space as its tree. Returns what takes its place, too. Raises Withheld,
    MissingBlock, BadBlock if the home does not hand over what is there, and UnknownVersion:
    that is not broken, and not begun anew.
    """
    there = system.tree.changing
    there.retire(await _all_labels(system, apart))
    granted = await _granted(system, apart)
    home = await _home(there, apart)
    if home is None:
        there.empty()
        home, kept, granted = _begun_anew(there, system, apart), list[Entry](), list[Names]()
    else:
        kept = await _system_rotated(there, apart)
        there.delete(apart.top.label)
    apart = apart.renewed(random_secret())
    await make_top(there, system.session, apart, home)
    tree = system_of(system.session, NodeKeys(apart.tops[0]))(there)
    await (await tree.folder()).put(*kept)
    system = System(system.session, system.changing, system.edit, tree)
    await guests.put(system, apart)
    await settle(system, [home, *kept])
    await descend(system, home, granted)
    return system, apart, home


async def _all_labels(system: System, apart: Apart) -> set[bytes]:
    """Every label of the space: guests wrote the entries, and may have hidden something from them.

    Where a guest broke a header, say, nothing names the chunks any more that they still could read.
    """
    space = await own_space(system.session, apart.space)
    await space.at_hand()
    if space.view.tip is None:
        raise Internal("a space is being changed, and there is no state of it")
    return await space.labels(space.view.tip)


async def _home(there: Changing, apart: Apart) -> Entry | None:
    """The shared folder with its new secret; None if nobody can open it as it is."""
    keys = apart.top
    try:
        top = await _top(there, apart)
        entry = await need(top, HOME)
        keys = entry.keys
        return await _rotated(there, entry)
    except BROKEN as error:
        await _check_handed_over(there, keys, error)
        return None


async def _top(there: Changing, apart: Apart) -> FolderEdit:
    return await TreeEdit(there, apart.top).hidden_folder(())


def _begun_anew(there: Changing, system: System, apart: Apart) -> Entry:
    """An empty folder in the place of the shared one; of a file alone, the folder around it."""
    created = system.now * MILLI
    made = new_folder(created, id=None if apart.is_file else apart.id)
    there.put(made.keys.label, made.leaf)
    return made.entry("", created)


async def _granted(system: System, apart: Apart) -> list[Names]:
    """Where in the shared folder somebody has a grant to something."""
    there, shared = system.tree.changing, await access.all_ids(system)
    whole = Entry("", Kind.FOLDER, 0, apart.tops[0], apart.id)
    found = await survey(there, whole, shared, believing=True)
    return [names[1:] for names in found.granted if names[0] == HOME and len(names) > 1]


async def _system_rotated(there: Changing, apart: Apart) -> list[Entry]:
    """What was in the system folder, under new secrets, but for notes of what is due.

    All that is below is due now. What nobody can open is left behind.
    """
    kept: list[Entry] = []
    keys = apart.top
    try:
        entry = await need(await _top(there, apart), SYSTEM)
        keys = entry.keys
        folder = await open_folder(there, keys, SYSTEM)
        listing = await FolderView(there, folder, SYSTEM).listing()
    except BROKEN as error:
        await _check_handed_over(there, keys, error)
        return kept
    there.delete(keys.label)
    for each in listing.entries:
        if not each.is_folder:
            continue
        if each.name in (ROTATIONS, MOVES):
            there.delete(each.keys.label)
            continue
        try:
            kept.append(await _rotated(there, each))
        except OF_ONE_NODE as error:
            await _check_handed_over(there, each.keys, error)
            there.delete(each.keys.label)
    return kept


async def _rotated(there: Changing, entry: Entry) -> Entry:
    new = await rotate_node(there, await open_folder(there, entry.keys, entry.name))
    return replace(entry, secret=new.secret)


async def _check_handed_over(there: Changing, keys: NodeKeys, error: HoldfastError) -> None:
    """Return if it is broken because somebody wrote it so; raises what the home has to do with it.

    What the tree says is there has to be handed over: its bytes are then what was written.
    """
    if isinstance(error, UnknownVersion):
        raise error
    labels = [keys.label]
    try:
        folder = await open_folder(there, keys, "a folder")
        labels += await FolderView(there, folder, "a folder").labels([])
    except OF_ONE_NODE:
        pass  # which is why this is asked; its own leaf is
    for label in labels:
        await there.leaves([keys.ref(label)])
