"""Whether a drive is whole: every leaf of its tree is named, and what is named is there.

A leaf that nothing names is counted for ever and can never be had back or removed.
"""

from contextlib import aclosing

from client.drive.drive import Drive
from client.drive.paths import DrivePath
from client.drive.reader import Refresh
from client.drive.resolve import Found
from client.drive.walk import labels_below
from client.keys import NodeKeys
from client.sharing.drive import own_drive
from client.sharing.guests import Apart
from client.space.committer import OwnSpace
from client.space.reading import Reading
from formats.cid import Cid
from formats.errors import HoldfastError, Unfit
from formats.root import Root
from formats.tree.diff import diff
from formats.tree.node import EMPTY
from storage.contracts import SpaceKey, View
from tests.world.person import Person


async def check_whole(person: Person) -> None:
    """Return if the labels in the person's tree are those that follow from the top folder."""
    named = await _named(own_drive(person.session))
    stored = await labels_stored(person, SpaceKey(person.session.id, person.session.bundle.space))
    assert stored - named == set(), "leaves that nothing names"
    assert named - stored == set(), "something names what is not there"


async def check_space_whole(person: Person, space: OwnSpace, apart: Apart) -> None:
    """The same of a space of its own that is shared for writing."""
    named = await _below(await space.reading(), apart.top, space.reading)
    assert await labels_stored(person, SpaceKey(person.session.id, apart.space)) == named


async def _named(drive: Drive) -> set[bytes]:
    return await _below(await drive.space.reading(), drive.root, drive.space.reading)


async def _below(reading: Reading, top: NodeKeys, refresh: Refresh) -> set[bytes]:
    problems: list[HoldfastError] = []
    found = Found(DrivePath(""), reading, top, None, refresh)
    async with aclosing(labels_below(found, problems)) as folders:
        named = {label async for folder in folders for label in folder.labels}
    # What is shared is named twice: where it is, and in the folder of who may read it.
    assert [problem for problem in problems if not isinstance(problem, Unfit)] == []
    return named


async def labels_stored(person: Person, key: SpaceKey) -> set[bytes]:
    """The labels in the newest tree of a space of theirs."""

    def work(view: View) -> set[bytes]:
        row = view.space(key)
        assert row is not None
        tree = Root.decode(view.block(row.root)).tree

        def load(cid: Cid) -> bytes:
            return view.block(cid)

        return {change.label for change in diff(load, EMPTY.cid, load, tree)}

    return await person.place.store.read(work)
