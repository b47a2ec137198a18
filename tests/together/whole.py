"""Whether a drive is whole: every leaf of its tree is named, and what is named is there.

A leaf that nothing names is counted for ever and can never be had back or removed.
"""

from contextlib import aclosing

from client.drive.drive import Drive
from client.drive.paths import DrivePath
from client.drive.resolve import Found
from client.drive.walk import labels_below
from client.sharing.drive import own_drive
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
    stored = await _stored(person)
    assert stored - named == set(), "leaves that nothing names"
    assert named - stored == set(), "something names what is not there"


async def _named(drive: Drive) -> set[bytes]:
    problems: list[HoldfastError] = []
    reading = await drive.space.reading()
    top = Found(DrivePath(""), reading, drive.root, None, drive.space.reading)
    async with aclosing(labels_below(top, problems)) as folders:
        named = {label async for folder in folders for label in folder.labels}
    # What is shared is named twice: where it is, and in the folder of who may read it.
    assert [problem for problem in problems if not isinstance(problem, Unfit)] == []
    return named


async def _stored(person: Person) -> set[bytes]:
    session = person.session
    key = SpaceKey(session.id, session.bundle.space)

    def work(view: View) -> set[bytes]:
        row = view.space(key)
        assert row is not None
        tree = Root.decode(view.block(row.root)).tree

        def load(cid: Cid) -> bytes:
            return view.block(cid)

        return {change.label for change in diff(load, EMPTY.cid, load, tree)}

    return await person.place.store.read(work)
