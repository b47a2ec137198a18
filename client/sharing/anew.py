"""New secrets for the root space: a machine that was revoked reads nothing of it any more.

It knows the secret of the top folder, from which all below follows. So, within the very commit
that goes with other identity keys (``client.identity.rotation``),

    every label that there is    is retired: homes refuse it to whoever is no member any more
    the top, and what is in it   get new secrets, and so has the way down to all that is shared
    each folder of shares        is made anew with what is in it: contacts are told where, sealed
                                 to their keys; a circle's key has another epoch
    all below                    is noted as due, as after any taking back (``jobs``)
    spaces besides               are noted, each to get new secrets in a commit of its own

Not the leaves of recovery kits: no secret of the space leads to them, and their words open them.
"""

from collections.abc import Awaitable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import trio

from client.capability import Capability
from client.drive.edit import TreeEdit
from client.drive.entry import Entry
from client.drive.folder import FolderView, create_folder, insert
from client.drive.node import OF_ONE_NODE, new_folder, open_folder, open_node
from client.keys import NodeKeys
from client.recovery.given import given_of
from client.recovery.record import kit_of
from client.session import HOME, SYSTEM, Session
from client.sharing import access, guests, underway
from client.sharing.circles import keys
from client.sharing.place import Place
from client.sharing.revoke import descend, settle
from client.sharing.rotate import rotate_node
from client.sharing.survey import Names
from client.social import circles, contacts
from client.social.contacts import Contact
from client.social.store import CIRCLE_LOGS, CONTACTS, LOGS, MILLI, ROTATIONS, System
from client.space.committer import OwnSpace
from client.space.overlay import Overlay
from client.space.reading import Changing
from client.space.state import Tip
from crypto.secret import Secret, random_secret
from formats.errors import Damaged, HoldfastError, NotAFolder

T = TypeVar("T")

_CLEARED: Final = "jobs"
"""What is being cleared away: it is nobody's any more, and its labels are followed by ``clear``."""
_TOGETHER: Final = 256
"""Folders of shares that are read with one request."""


async def renew_root(
    session: Session,
    space: OwnSpace,
    overlay: Overlay,
    tip: Tip,
    root: Secret,
    beyond: Collection[bytes] = (),
) -> None:
    """Within the commit on top of ``tip``: ``root`` is the secret of the top folder from then on.

    ``beyond``: spaces whose labels are not retired along with it. ``session`` goes by the secret
    that it was. What nobody can open as a whole stays under the one that it has, and is refused
    to others.
    """
    before = System(session, overlay)
    ways = await _ways(before)
    labels = await _labels(before, space, overlay, tip)
    overlay.retire(labels)
    shares = await _Shares.taken(before)
    system, home, inside = await _skeleton(session, overlay, root)
    await shares.put(system)
    apart = await guests.everything(system)
    await underway.begin(system, len(labels), [each.space for each in apart], beyond)
    await settle(system, [home, *inside])
    await descend(system, home, ways)
    await system.flush()


async def _ways(system: System) -> list[Names]:
    """The names below the home that lead to each thing that somebody has a grant to.

    What was moved since is not looked for: its grants follow when it is rotated.
    """
    found: list[Names] = []
    for each in await _unless_spoilt(access.everything(system), []):
        with suppress(NotAFolder, *OF_ONE_NODE):
            if each.space is None and (await Place.find(system, each.parts)).entry.id == each.id:
                found.append(each.parts)
    return [names for names in found if names]


async def _labels(system: System, space: OwnSpace, overlay: Overlay, tip: Tip) -> set[bytes]:
    """Every label of the space but those that recovery kits open."""
    noted = {label for label, leaf in overlay.leaves_put.items() if leaf is not None}
    kits = await kit_of(system), await given_of(system)
    return (await space.labels(tip) | noted) - {each.label for each in kits if each is not None}


async def _skeleton(
    session: Session, changing: Changing, root: Secret
) -> tuple[System, Entry, list[Entry]]:
    """The new top folder, and a new system folder in it; the home, and what is due in the other.

    But for folders of shares, and for notes of what is due: all is due now.
    """
    created = session.around.now() * MILLI
    top = await _gone(changing, session.root.keys)
    kept = [await _rotated(changing, each) for each in top if each.name != SYSTEM]
    await create_folder(changing, root, created)
    made = replace(await create_folder(changing, random_secret(), created), name=SYSTEM)
    await insert(changing, Capability(session.id, session.bundle.space, root), made, *kept)
    system = System(session, changing, TreeEdit(changing, NodeKeys(root)))
    inside: list[Entry] = []
    for each in await _gone(changing, _of(top, SYSTEM).keys):
        if each.name in (LOGS, CIRCLE_LOGS, ROTATIONS):
            await _gone(changing, each.keys)
        else:
            inside.append(await _rotated(changing, each))
    await (await system.folder()).put(*inside)
    return system, _of(kept, HOME), [each for each in inside if each.name != _CLEARED]


def _of(entries: Iterable[Entry], name: str) -> Entry:
    found = next((each for each in entries if each.name == name), None)
    if found is None:
        raise Damaged(f"the top folder of your space has no '{name}'")
    return found


async def _gone(changing: Changing, folder: NodeKeys) -> list[Entry]:
    """What is in a folder that is no more; raises what keeps any of it from being read."""
    view = FolderView(changing, await open_folder(changing, folder, _WHAT), _WHAT)
    problems: list[HoldfastError] = []
    for label in (folder.label, *await view.labels(problems)):
        changing.delete(label)
    if problems:
        raise problems[0]
    return (await view.listing()).entries


async def _rotated(changing: Changing, entry: Entry) -> Entry:
    """Its entry from now on: under a new secret, if all of it can be read."""
    try:
        new = await rotate_node(changing, await open_node(changing, entry.keys, entry.name))
    except OF_ONE_NODE:
        return entry
    return replace(entry, secret=new.secret)


@dataclass(frozen=True, slots=True)
class _Shares:
    """What is in each contact's folder of shares, and in each circle's, by its name."""

    contacts: dict[str, list[Entry]]
    circles: dict[str, list[Entry]]

    @classmethod
    async def taken(cls, system: System) -> "_Shares":
        """All of them; the folders are gone. One that nobody can open is filled as grants are."""
        return cls(await _each(system, LOGS), await _each(system, CIRCLE_LOGS))

    async def put(self, system: System) -> None:
        """Folders with other secrets, and who reads them noted with these."""
        people = {each.id.hex(): each for each in await _people(system)}
        for name, shares in self.contacts.items():
            own = [each for each in shares if not keys.is_circle(each)]  # those are handed out
            entry = await _made(system, LOGS, name, own)
            if name in people:
                await contacts.put(system, replace(people[name], log=entry.keys.secret))
        before = after = await _unless_spoilt(circles.everything(system), circles.Circles())
        for id, circle in before.by_id.items():
            if id.hex() in self.circles:
                entry = await _made(system, CIRCLE_LOGS, id.hex(), self.circles[id.hex()])
                await keys.hand_out(system, circle, entry, before.people(id))
                after = after.plus(replace(circle, epoch=circle.epoch + 1))
        await circles.keep(system, before, after)


async def _people(system: System) -> list[Contact]:
    """All contacts whose records can be read: the machine that goes may have spoilt one."""
    try:
        return await contacts.everybody(system)
    except OF_ONE_NODE:
        names = await system.names(CONTACTS)
    found = [
        await _unless_spoilt(contacts.get(system, bytes.fromhex(each)), None) for each in names
    ]
    return [each for each in found if each is not None]


async def _unless_spoilt(reading: Awaitable[T], otherwise: T) -> T:
    """What is read: or that, for nothing that a machine wrote may keep it from being revoked."""
    try:
        return await reading
    except OF_ONE_NODE:
        return otherwise


async def _each(system: System, top: str) -> dict[str, list[Entry]]:
    """What is in every folder of one; these are gone from now on."""
    parent, changing = await system.find(top), system.changing
    entries = [] if parent is None else (await parent.listing()).entries
    found: dict[str, list[Entry]] = {}
    for start in range(0, len(entries), _TOGETHER):
        some = entries[start : start + _TOGETHER]
        await changing.leaves([each.keys.ref() for each in some])
        for each in some:
            try:
                found[each.name] = await _gone(changing, each.keys)
            except OF_ONE_NODE:
                found[each.name] = []
            await trio.lowlevel.checkpoint()
    return found


async def _made(system: System, top: str, name: str, shares: Iterable[Entry]) -> Entry:
    created = system.now * MILLI
    new = new_folder(created)
    entry = new.entry(name, created)
    folder = await system.edit.make(await system.folder(top), new, entry)
    await folder.put(*shares)
    return entry


_WHAT: Final = "a folder of the system"
