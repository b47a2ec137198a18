"""In a folder that others change: who was given part of it loses what leaves that part."""

from collections.abc import AsyncIterator

import pytest

from client.drive.crossing import inside
from client.drive.edit import need
from client.drive.trash import restore, trash, trash_of
from client.session import SYSTEM
from client.sharing.circles.share import share_with_circle
from client.sharing.circles.verbs import add, delete, new
from client.social.store import GRANTED
from client.space.overlay import Overlay
from client.space.reading import Changing
from formats.errors import Denied, HoldfastError, Unfit
from formats.leaf import Leaf
from tests.client.sharing.hostile import HostileMount
from tests.world.person import Person
from tests.world.world import World

FILES = {
    "trip/a.txt": b"one",
    "trip/deep/er/b.txt": b"two",
    "trip/deep/er/large.bin": bytes(200_000),
    "trip/deep/c.txt": b"three",
}
BELOW = {"", "c.txt", "er", "er/b.txt", "er/large.bin"}

Who = tuple[Person, str]


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with World.open("alice", "bob", carol="bob", dave="bob") as made:
        await made.alice.befriend(made.bob)
        await made.alice.befriend(made.carol)
        for path, content in FILES.items():
            await made.alice.put(path, content)
        await made.alice.share_write("trip", "bob")
        yield made


@pytest.fixture(params=["owner", "guest"])
def who(request: pytest.FixtureRequest, w: World) -> Who:
    """Somebody who writes there, and the shared folder as they call it."""
    return (w.alice, "trip") if request.param == "owner" else (w.bob, "/alice/trip")


async def keeping(w: World, share: str, name: str = "carol") -> HostileMount:
    """Somebody who keeps every key that a share ever gave them."""
    hostile = HostileMount(w.people[name].session, "alice", share)
    await hostile.look()
    assert await hostile.gets() == set(hostile.refs)
    return hostile


async def test_what_leaves_a_folder_that_somebody_reads_is_theirs_no_more(
    w: World, who: Who
) -> None:
    person, trip = who
    await w.alice.share("trip/deep", "carol")
    carol = await keeping(w, "deep")
    assert set(carol.refs) == BELOW
    await person.mv(f"{trip}/deep/er", trip)
    assert await w.carol.ls("/alice/deep") == {"c.txt"}
    assert await carol.gets() == {"", "c.txt"}
    assert await w.alice.read("trip/er/b.txt") == b"two"
    assert await w.bob.read("/alice/trip/er/large.bin") == bytes(200_000)
    await w.bob.put("/alice/trip/er/b.txt", b"later")
    assert await w.alice.read("trip/er/b.txt") == b"later"
    assert await carol.gets() == {"", "c.txt"}


async def test_what_stays_below_it_is_theirs_as_before(w: World, who: Who) -> None:
    person, trip = who
    await w.alice.share("trip/deep", "carol")
    await person.mv(f"{trip}/deep/er", f"{trip}/deep/further")
    await person.mv(f"{trip}/a.txt", f"{trip}/deep")
    assert await w.carol.read("/alice/deep/further/b.txt") == b"two"
    assert await w.carol.read("/alice/deep/a.txt") == b"one"
    await person.mv(f"{trip}/deep", f"{trip}/other")
    assert await w.carol.read("/alice/deep/further/b.txt") == b"two"


async def test_the_owner_moves_out_what_was_given_by_itself_and_it_stays_given(w: World) -> None:
    await w.alice.share("trip/deep", "carol")
    await w.alice.befriend(w.people["dave"])
    await w.alice.share("trip/deep/er", "dave")
    carol, dave = await keeping(w, "deep"), await keeping(w, "er", "dave")
    with pytest.raises(Unfit, match="others were given er"):
        await w.bob.mv("/alice/trip/deep/er", "/alice/trip")
    assert await dave.gets() == set(dave.refs)
    await w.alice.mv("trip/deep/er", "trip")
    assert await carol.gets() == {"", "c.txt"}
    assert await dave.gets() == set()
    assert await w.people["dave"].read("/alice/er/b.txt") == b"two"
    shares = {(each.path, each.contact) for each in await w.alice.shares()}
    assert shares == {
        ("/alice/trip", "bob"), ("/alice/trip/deep", "carol"), ("/alice/trip/er", "dave"),
    }  # fmt: skip


async def test_what_goes_into_the_trash_is_theirs_no_more(w: World, who: Who) -> None:
    person, trip = who
    await w.alice.share("trip/deep", "carol")
    carol = await keeping(w, "deep")
    await person.rm(f"{trip}/deep")
    assert await carol.gets() == set()
    with pytest.raises(Denied):
        await w.carol.read("/alice/deep/c.txt")
    await restore(person.drive, [f"{trip}/deep"])
    assert await carol.gets() == set()
    assert await w.alice.read("trip/deep/er/large.bin") == bytes(200_000)
    assert await w.bob.read("/alice/trip/deep/c.txt") == b"three"
    assert await carol.gets() == set()


async def test_what_goes_for_good_from_below_is_theirs_no_more(w: World, who: Who) -> None:
    person, trip = who
    await w.alice.share("trip/deep", "carol")
    carol = await keeping(w, "deep")
    await person.rm(f"{trip}/deep/er")
    assert await carol.gets() == {"", "c.txt"}
    its = await trash_of(person.drive, trip)
    (thing,) = (await trash(its))[0]
    assert thing.shared
    assert await w.carol.ls("/alice/deep") == {"c.txt"}


async def test_who_reads_all_of_it_reads_nothing_in_its_trash(w: World, who: Who) -> None:
    person, trip = who
    await w.alice.share("trip", "carol")
    carol = await keeping(w, "trip")
    await person.rm(f"{trip}/deep")
    assert await carol.gets() == {"", "a.txt"}
    await person.mv(f"{trip}/a.txt", f"{trip}/b.txt")
    assert await w.carol.read("/alice/trip/b.txt") == b"one"


async def test_across_the_border_too(w: World) -> None:
    await w.alice.share("trip/deep", "carol")
    carol = await keeping(w, "deep")
    await w.alice.mv("trip/deep", "mine")
    assert await carol.gets() == set()
    assert await w.alice.read("mine/er/b.txt") == b"two"
    assert [each.contact for each in await w.alice.shares()] == ["bob"]


async def test_what_was_given_before_others_could_change_it(w: World, who: Who) -> None:
    await w.alice.put("old/deep/x.txt", b"x")
    await w.alice.share("old/deep", "carol")
    await w.alice.share_write("old", "bob")
    carol = await keeping(w, "deep")
    person, _ = who
    old = "old" if person is w.alice else "/alice/old"
    await person.mv(f"{old}/deep/x.txt", old)
    assert await carol.gets() == {""}
    assert await w.alice.read("old/x.txt") == b"x"


async def test_through_a_circle_too(w: World, who: Who) -> None:
    person, trip = who
    await new(w.alice.session, "kin")
    await add(w.alice.session, "kin", ["carol"])
    await w.carol.collect()
    await share_with_circle(w.alice.session, "trip/deep", "kin")
    await person.mv(f"{trip}/deep/er", trip)
    assert await w.carol.ls("/alice/deep") == {"c.txt"}
    assert await listed(w.alice) != set()
    await delete(w.alice.session, "kin")
    assert await listed(w.alice) == set()


async def test_after_it_was_taken_back_nothing_more_is_done_for_it(w: World) -> None:
    await w.alice.share("trip/deep", "carol")
    assert len(await listed(w.bob)) == 1
    await w.alice.unshare("trip/deep", "carol")
    assert await listed(w.bob) == set()
    await w.bob.rm("/alice/trip/deep")
    (thing,) = (await trash(await trash_of(w.bob.drive, "/alice/trip")))[0]
    assert not thing.shared


async def listed(person: Person) -> set[str]:
    """What a member sees of what was given by itself."""
    drive = await inside(person.drive, "trip" if person.name == "alice" else "/alice/trip")
    edit = drive.edit(Overlay(await drive.space.reading()))
    folder = await edit.hidden_folder((SYSTEM,))
    entry = await folder.get(GRANTED)
    if entry is None:
        return set()
    return {each.name for each in (await (await edit.open_entry(folder, entry)).listing()).entries}


async def test_a_guest_who_breaks_the_list_keeps_its_owner_from_nothing(w: World) -> None:
    await w.alice.share("trip/deep", "carol")
    carol = await keeping(w, "deep")
    drive = await inside(w.bob.drive, "/alice/trip")

    async def operation(changing: Changing) -> None:
        entry = await need(await drive.edit(changing).hidden_folder((SYSTEM,)), GRANTED)
        leaf = (await changing.leaves([entry.keys.ref()]))[entry.keys.label]
        changing.put(entry.keys.label, Leaf(leaf.lock, b"garbage" * 200))

    await drive.space.commit(operation)
    with pytest.raises(HoldfastError):  # what he broke he has to go without
        await w.bob.mv("/alice/trip/deep/er", "/alice/trip")
    await w.alice.mv("trip/deep/er", "trip")
    assert await carol.gets() == {"", "c.txt"}
    await w.alice.share("trip/deep/c.txt", "carol")
    assert len(await listed(w.alice)) == 2
    await w.bob.mv("/alice/trip/er", "/alice/trip/deep")


async def test_a_guest_learns_of_a_part_that_is_given_and_not_to_whom(w: World) -> None:
    assert await listed(w.bob) == set()
    await w.alice.share("trip/deep", "carol")
    once = await listed(w.bob)
    await w.alice.befriend(w.people["dave"])
    await w.alice.share("trip/deep", "dave")
    assert await listed(w.bob) == once
    assert len(once) == 1
