"""A home that shows less than it was given, when its owner is about to have all of it deleted.

Nothing may go that only it, or a replica, has: what was seen on this machine counts.
"""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from client.drive.change import mkdir
from client.moving.leaving import check_file, stock
from client.session import Session
from client.sharing import guests
from client.sharing.drive import own_drive
from client.sharing.inside import share_write
from client.social.store import look
from formats.errors import Conflict, Denied
from tests.client.archive.conftest import exported
from tests.client.moving.test_leaving import leaves, manifest
from tests.client.people import Town
from tests.client.sharing.conftest import friend
from tests.client.sharing.trees import put
from tests.world.faults import Call, Onward, WatchedDoors


@dataclass
class Past:
    """Answers for one space from before it lies; or that there is no such space."""

    space: bytes
    lies: bool = False
    denies: bool = False
    kept: list[object] = field(default_factory=list)

    async def __call__(self, call: Call, onward: Onward) -> object:
        if call.name != "resolve" or getattr(call.request, "space", None) != self.space:
            return await onward(call.request)
        if self.denies:
            raise Denied("there is nothing here for you")
        if self.lies:
            return self.kept[-1]
        self.kept.append(await onward(call.request))
        return self.kept[-1]


@pytest.fixture
async def alice(world: Town) -> Session:
    """She has a folder that bob may change, so a space besides her own."""
    made = await world.sign_up("alice", "one")
    bob = await friend(world, made, "bob")
    await put(made, {"ours/a.txt": b"one"})
    await share_write(made, "ours", bob.name)
    return made


async def past(world: Town, alice: Session) -> Past:
    """The home is watched, and shows that space once as it is."""
    (apart,) = await guests.everything(await look(alice))
    lying = Past(apart.space)
    world.wrap = lambda doors: WatchedDoors(doors, lying)
    await alice.line.aclose()
    await stock(alice)
    return lying


@pytest.mark.parametrize("how", ["lies", "denies"])
async def test_a_file_is_held_against_what_was_seen(
    world: Town, alice: Session, tmp_path: Path, how: str
) -> None:
    file = tmp_path / "alice.car"
    await exported(alice, file)
    lying = await past(world, alice)
    await mkdir(own_drive(alice), "/alice/ours/late")
    setattr(lying, how, True)
    with pytest.raises(Conflict, match="not in the file"):
        check_file(await stock(alice), await manifest(file), alice.id)


async def test_a_space_that_is_denied_has_to_be_in_the_file(
    world: Town, alice: Session, tmp_path: Path
) -> None:
    file = tmp_path / "alice.car"
    await exported(alice, file)
    await put(alice, {"more/b.txt": b"two"})
    await share_write(alice, "more", "bob")
    found = await guests.everything(await look(alice))
    known = {each.space for each in (await manifest(file)).spaces}
    (late,) = [each.space for each in found if each.space not in known]
    world.wrap = lambda doors: WatchedDoors(doors, Past(late, denies=True))
    await alice.line.aclose()
    with pytest.raises(Conflict, match="after the file was written"):
        check_file(await stock(alice), await manifest(file), alice.id)


async def test_the_receipt_is_held_against_what_was_seen(world: Town, alice: Session) -> None:
    lying = await past(world, alice)
    await mkdir(own_drive(alice), "/alice/ours/late")
    lying.lies = True
    done = await leaves(alice)
    assert done.lacking == 0  # the receipt of this one tells the truth
    assert done.late == 0
