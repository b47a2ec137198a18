"""The key of a circle: the node secret of its folder of shares, ``system/circle-logs/<id>``.

Everybody in it finds an entry of that folder in their own folder of shares, under the circle's
tag and marked as a circle: so to let somebody in is one entry, however much is shared. When
somebody leaves, the folder is made anew, and its old labels are refused from then on.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from client.drive.entry import Entry, Kind
from client.drive.node import new_folder
from client.sharing.survey import survey
from client.social.circles import Circle
from client.social.store import CIRCLE_LOGS, LOGS, MILLI, System
from formats.errors import HoldfastError

MARK: Final = "circle"
"""What such an entry says of itself, in a field of its own."""
_TOGETHER: Final = 256
"""Folders of shares that are read with one request."""


def is_circle(entry: Entry) -> bool:
    """Whether an entry in a folder of shares is a circle's folder of shares."""
    return entry.kind is Kind.FOLDER and entry.extra.get(MARK) is True


async def current(system: System, circle: Circle) -> Entry:
    """The folder of shares of a circle, made if need be."""
    await system.folder(CIRCLE_LOGS, circle.id.hex())
    entry = await (await system.folder(CIRCLE_LOGS)).get(circle.id.hex())
    assert entry is not None, "it was made just now"  # for the type checker
    return entry


async def renewed(system: System, circle: Circle) -> Entry:
    """The same shares in a folder with new keys; the old one is refused and gone."""
    return await made_anew(system, CIRCLE_LOGS, circle.id.hex())


async def made_anew(system: System, top: str, name: str) -> Entry:
    """The same for any folder of shares, below ``top``; one that was not there is empty."""
    shares = await _shares(system, top, name)
    await drop_folder(system, top, name)
    created = system.now * MILLI
    new = new_folder(created)
    entry = new.entry(name, created)
    folder = await system.edit.make(await system.folder(top), new, entry)
    await folder.put(*shares)
    return entry


async def drop(system: System, circle: Circle) -> None:
    """The folder is gone: honest homes serve nothing of it from this commit on."""
    await drop_folder(system, CIRCLE_LOGS, circle.id.hex())


async def drop_folder(system: System, top: str, name: str) -> None:
    """A folder of shares is gone, and its labels are refused; one that is not there is passed."""
    parent = await system.folder(top)
    entry = await parent.get(name)
    if entry is None:
        return
    folder = await system.edit.open_entry(parent, entry)
    problems: list[HoldfastError] = []
    labels = {entry.keys.label, *await folder.labels(problems)}
    system.changing.retire(labels)
    for label in labels:
        system.changing.delete(label)
    system.edit.forget(entry.keys)
    await parent.remove(entry.name)


async def hand_out(system: System, circle: Circle, entry: Entry, to: Collection[bytes]) -> None:
    """Everybody of these has the key of the circle from now on."""
    given = replace(entry, name=circle.tag.hex(), extra={MARK: True})
    await _read_ahead(system, to)
    for contact in sorted(to):
        await (await system.folder(LOGS, contact.hex())).put(given)


async def take_back(system: System, circle: Circle, whose: Collection[bytes]) -> None:
    """None of these finds it any more."""
    await _read_ahead(system, whose)
    for contact in sorted(whose):
        await (await system.folder(LOGS, contact.hex())).remove(circle.tag.hex())


async def refuse(system: System, top: str, name: str, ids: Collection[bytes]) -> None:
    """Shared things in a folder of shares that stand nowhere any more: nobody is served them."""
    for entry in await _shares(system, top, name) if ids else ():
        if entry.id in ids:
            found = await survey(system.changing, entry, set(), believing=True)
            system.changing.retire(found.labels)


async def _shares(system: System, top: str, name: str) -> list[Entry]:
    folder = await system.find(top, name)
    return [] if folder is None else (await folder.listing()).entries


async def _read_ahead(system: System, contacts: Collection[bytes]) -> None:
    """Read many folders of shares at once, so that none is asked for alone."""
    logs = await system.folder(LOGS)
    names = sorted(each.hex() for each in contacts)
    await logs.reach(names)
    entries = [entry for entry in [await logs.get(name) for name in names] if entry is not None]
    for start in range(0, len(entries), _TOGETHER):
        await system.changing.leaves([e.keys.ref() for e in entries[start : start + _TOGETHER]])
