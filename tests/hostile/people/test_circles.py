"""A hostile friend's circles, and damaged records of one's own: no ring, and nothing hidden."""

from dataclasses import replace

import pytest

from client.drive.entry import Entry, Kind
from client.drive.folder import FolderEdit, FolderView
from client.drive.node import open_folder
from client.keys import new_node_secret
from client.session import Session
from client.sharing.circles import verbs
from client.sharing.circles.keys import MARK
from client.sharing.circles.share import share_with_circle
from client.sharing.gathered import MAX_CIRCLES
from client.sharing.share import share
from client.sharing.theirs import TheirShares
from client.social import circles
from client.social.circles import Circle, Circles
from client.social.store import LOGS, System, change
from client.space.reading import Changing
from crypto.secret import random_bytes
from formats.errors import Malformed
from formats.fields import Fields
from tests.client.people import Town
from tests.client.sharing.trees import put, theirs

FILES = {"docs/a": b"a"}


class Make:
    """What entries to put."""

    async def __call__(self, log: FolderEdit) -> list[Entry]:
        raise NotImplementedError


class Itself(Make):
    """The folder of shares as a circle in itself."""

    async def __call__(self, log: FolderEdit) -> list[Entry]:
        secret = log.node.keys.secret
        return [Entry("round", Kind.FOLDER, 1, secret, log.node.header.id, extra={MARK: True})]


class Gone(Make):
    """Many circles that are nowhere."""

    async def __call__(self, log: FolderEdit) -> list[Entry]:
        return [
            Entry(
                f"{n:032x}", Kind.FOLDER, 1, new_node_secret(), random_bytes(16), extra={MARK: True}
            )
            for n in range(MAX_CIRCLES + 20)
        ]


class Odd(Make):
    """Marks that are none."""

    async def __call__(self, log: FolderEdit) -> list[Entry]:
        one = Entry("one", Kind.FOLDER, 1, new_node_secret(), random_bytes(16), extra={MARK: 1})
        file = Entry("two", Kind.FILE, 1, new_node_secret(), random_bytes(16), extra={MARK: True})
        return [one, file]


async def write_into(alice: Session, bob: Session, make: Make) -> None:
    """Alice puts entries of her own making into bob's folder of shares."""

    async def operation(changing: Changing) -> None:
        system = System(alice, changing)
        log = await system.folder(LOGS, bob.id.hex())
        await log.put(*await make(log))
        await system.flush()

    await change(alice, operation)


@pytest.mark.parametrize("make", [Itself(), Gone(), Odd()], ids=lambda each: type(each).__name__)
async def test_what_a_hostile_friend_makes_up_hides_nothing(
    world: Town, alice: Session, bob: Session, make: Make
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await write_into(alice, bob, make)
    reading, keys = await TheirShares(bob).open("alice")
    view = FolderView(reading, await open_folder(reading, keys, ""), "")
    names = [each.name for each in (await view.listing()).entries]
    assert "docs" in names
    assert len(names) <= 3 + MAX_CIRCLES


async def test_records_in_a_ring_end(alice: Session, bob: Session, carol: Session) -> None:
    """However they came to be: nobody follows a ring, and it can be taken apart."""
    await put(alice, FILES)
    for name, who in (("one", "bob"), ("two", "carol")):
        await verbs.new(alice, name)
        await verbs.add(alice, name, [who])

    async def operation(changing: Changing) -> None:
        system = System(alice, changing)
        before = await circles.everything(system)
        one, two = before.need("one"), before.need("two")
        ring = before.plus(
            replace(one, inner={two.id: 1, one.id: 1}), replace(two, inner={one.id: 1})
        )
        await circles.keep(system, before, ring)
        await system.flush()

    await change(alice, operation)
    shown = {each.name: each for each in await verbs.listing(alice)}
    assert shown["one"].people == shown["two"].people == 2
    await share_with_circle(alice, "docs", "one")
    assert await theirs(bob, "alice") == FILES
    await verbs.remove(alice, "one", ["one", "two"])
    await verbs.remove(alice, "two", ["one"])
    assert await theirs(bob, "alice") == FILES
    await verbs.delete(alice, "two")
    await verbs.delete(alice, "one")
    assert await theirs(bob, "alice") == {}


def test_circles_that_name_what_is_gone() -> None:
    one = Circle(b"1" * 16, "one", b"t" * 16, 1, members={b"m" * 32: 5}, inner={b"2" * 16: 1})
    known = Circles({one.id: one})
    assert known.people(one.id) == {b"m" * 32: 5}
    assert known.people(b"2" * 16) == {}


@pytest.mark.parametrize(
    "bad",
    [
        {"members": [b"x" * 31]},
        {"members": [b"x" * 32, b"y" * 32]},
        {"since": []},
        {"since": [-1]},
        {"since": ["now"]},
        {"inner": [b"x" * 32], "inner_since": [1]},
        {"members": [b"x" * 32] * 1025, "since": [1] * 1025},
        {"inner": [b"x" * 16] * 65, "inner_since": [1] * 65},
        {"id": b"short"},
        {"name": "x" * 256},
        {"epoch": -1},
    ],
    ids=repr,
)
def test_damaged_records_are_refused(bad: dict[str, object]) -> None:
    good = Circle(b"1" * 16, "one", b"t" * 16, 1, members={b"m" * 32: 5}).value
    assert Circle.read(Fields(dict(good), "circle")).name == "one"
    with pytest.raises(Malformed):
        Circle.read(Fields({**good, **bad}, "circle"))  # type: ignore[dict-item]
