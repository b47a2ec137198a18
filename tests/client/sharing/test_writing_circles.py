"""Circles whose people may write: each with a key alone, for as long as they are in one."""

from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Final

import pytest

from client.drive.change import rm
from client.drive.log import log
from client.sharing import guests
from client.sharing.circles import verbs
from client.sharing.circles.share import share_with_circle, unshare_with_circle
from client.sharing.circles.writing import share_write_with_circle, unshare_write_with_circle
from client.sharing.inside import share_write, unshare_write
from client.sharing.seen import who_sees
from client.sharing.share import shared_by_me, unshare
from client.sharing.whose import members
from client.social.parting import block, remove_follower
from client.social.store import look
from formats.errors import Denied, HoldfastError, NotFound, Unfit, Unreachable
from formats.space import Rights
from tests.client.sharing.hostile import HostileGuest
from tests.client.sharing.test_moving import Dies
from tests.client.sharing.test_writing_a_file import save
from tests.world.person import Person
from tests.world.world import World

TRIP: Final = "/alice/trip"
SOME: Final = Rights.ADD | Rights.CHANGE


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with World.open("alice", "bob", carol="bob") as made:
        await made.alice.befriend(made.bob)
        await made.alice.befriend(made.carol)
        await made.alice.put("trip/a.txt", b"one")
        await made.alice.put("trip/deep/b.txt", b"two")
        await made.alice.put("notes.txt", b"three")
        await verbs.new(made.alice.session, "crew")
        await verbs.add(made.alice.session, "crew", ["bob"])
        yield made


async def refused(person: Person, path: str = TRIP, reads: bool = False) -> None:
    """Somebody writes nothing there, and reads as said."""
    with pytest.raises(HoldfastError):
        await save(person, f"{path}/x.txt", b"x")
    if reads:
        assert await person.read(f"{path}/a.txt") == b"one"
    else:
        with pytest.raises(HoldfastError):
            await person.read(f"{path}/a.txt")


async def test_who_is_in_it_writes_and_who_is_not_does_not(w: World) -> None:
    alice = w.alice.session
    await share_write_with_circle(alice, "trip", "crew")
    await save(w.bob, f"{TRIP}/bobs.txt", b"by bob")
    assert await w.alice.read("trip/bobs.txt") == b"by bob"
    await refused(w.carol)
    await verbs.add(alice, "crew", ["carol"])
    await save(w.carol, f"{TRIP}/carols.txt", b"by carol")
    assert await w.bob.ls(TRIP) == {"a.txt", "deep", "bobs.txt", "carols.txt"}
    hostile = HostileGuest(w.bob.session, "alice", "trip")
    await hostile.look()
    await verbs.remove(alice, "crew", ["bob"], and_finish=False)
    assert await hostile.gets() == []
    await refused(w.bob)
    await save(w.carol, f"{TRIP}/carols.txt", b"still")
    await w.alice.rotate()
    assert await w.carol.ls_all(TRIP) == {"a.txt", "deep", "deep/b.txt", "bobs.txt", "carols.txt"}
    await verbs.add(alice, "crew", ["bob"])
    await save(w.bob, f"{TRIP}/bobs.txt", b"again")
    await verbs.delete(alice, "crew")
    await refused(w.bob)
    await refused(w.carol)
    assert await w.alice.read("trip/carols.txt") == b"still"
    assert await shared_by_me(alice) == []


async def test_each_is_told_apart_and_has_rights_of_the_circle(w: World) -> None:
    alice = w.alice.session
    await verbs.add(alice, "crew", ["carol"])
    made = await share_write_with_circle(alice, "trip", "crew", SOME, 10**6)
    assert (made.circle, made.rights, made.ceiling) == (True, SOME, 10**6)
    await save(w.bob, f"{TRIP}/bobs.txt", b"by bob")
    await save(w.carol, f"{TRIP}/carols.txt", b"by carol")
    names = await members(alice, w.alice.drive, "trip")
    async with aclosing(log(w.alice.drive, "trip")) as states:
        told = {names[s.member]: [c.path.title for c in s.changes] async for s in states}
    assert (told["bob"], told["carol"]) == (["bobs.txt"], ["carols.txt"])
    with pytest.raises(HoldfastError):
        await rm(w.bob.drive, [f"{TRIP}/a.txt"], forever=True)
    with pytest.raises(HoldfastError):
        await save(w.carol, f"{TRIP}/large.bin", bytes(range(256)) * 8192)
    ways = [(each.contact, each.circle, each.rights) for each in await who_sees(alice, "trip")]
    assert ways == [("bob", "crew", SOME), ("carol", "crew", SOME)]
    assert [(s.contact, s.rights) for s in await shared_by_me(alice)] == [("crew", SOME)]
    await share_write_with_circle(alice, "trip", "crew")
    await save(w.carol, f"{TRIP}/a.txt", b"changed now")


async def test_all_contacts_a_file_and_who_follows_later(w: World) -> None:
    alice = w.alice.session
    await share_write_with_circle(alice, "notes.txt", "all-contacts", as_name="ours")
    for person in (w.bob, w.carol):
        await save(person, "/alice/ours", person.name.encode())
        assert await w.alice.read("notes.txt") == person.name.encode()
    await remove_follower(alice, "carol")
    with pytest.raises(HoldfastError):
        await save(w.carol, "/alice/ours", b"x")
    await block(alice, "bob")
    with pytest.raises(HoldfastError):
        await save(w.bob, "/alice/ours", b"x")
    assert await w.alice.read("notes.txt") == b"carol"
    dave = await w.settle("dave", "bob")
    await dave.follow(await w.alice.card())
    await w.alice.collect()
    await w.alice.accept("dave")
    await dave.collect()
    await w.alice.rotate()
    await save(dave, "/alice/ours", b"dave")
    assert await w.alice.read("notes.txt") == b"dave"


async def test_taken_back_for_writing_alone_or_whole(w: World) -> None:
    alice = w.alice.session
    await share_write_with_circle(alice, "trip", "crew")
    await unshare_write_with_circle(alice, "trip", "crew")
    await refused(w.bob, reads=True)
    with pytest.raises(NotFound):
        await unshare_write_with_circle(alice, "trip", "crew")
    await share_write_with_circle(alice, "trip", "crew")
    await save(w.bob, f"{TRIP}/bobs.txt", b"by bob")
    await unshare_with_circle(alice, "trip", "crew")
    await refused(w.bob)


async def test_a_right_of_ones_own_outlasts_the_circles(w: World) -> None:
    alice = w.alice.session
    await share_write_with_circle(alice, "trip", "crew", Rights.ADD)
    with pytest.raises(Unfit, match="through a circle"):
        await unshare_write(alice, "trip", "bob")
    await share_write(alice, "trip", "bob")
    assert len(await w.bob.ls("/alice")) == 1
    await save(w.bob, f"{TRIP}/a.txt", b"own")
    with pytest.raises(Unfit, match="through the circle"):
        await unshare(alice, "trip", "bob")
    await verbs.remove(alice, "crew", ["bob"])
    await save(w.bob, f"{TRIP}/a.txt", b"still")
    await unshare(alice, "trip", "bob")
    await refused(w.bob)


async def test_circles_that_read_go_along_and_lose_it_when_they_leave(w: World) -> None:
    alice = w.alice.session
    await verbs.new(alice, "readers")
    await verbs.add(alice, "readers", ["carol"])
    await share_with_circle(alice, "trip", "readers")
    await share_with_circle(alice, "trip/deep", "readers", "depths")
    await share_write(alice, "trip", "bob")
    await save(w.bob, f"{TRIP}/new.txt", b"new")
    await refused(w.carol, reads=True)
    assert await w.carol.read("/alice/depths/b.txt") == b"two"
    await verbs.new(alice, "few")
    await verbs.add(alice, "few", ["carol"])
    await share_with_circle(alice, "trip/a.txt", "few")
    assert await w.carol.read("/alice/a.txt") == b"one"
    await unshare_with_circle(alice, "trip/a.txt", "few")
    with pytest.raises(Denied):
        await w.carol.read("/alice/a.txt")
    await verbs.remove(alice, "readers", ["carol"])
    await refused(w.carol)
    with pytest.raises(HoldfastError):
        await w.carol.read("/alice/depths/b.txt")
    await save(w.bob, f"{TRIP}/new.txt", b"newer")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", [1, 2, 3])
async def test_cut_off_while_somebody_goes_out(w: World, at: int, after: bool) -> None:
    alice = w.alice.session
    await verbs.add(alice, "crew", ["carol"])
    await share_write_with_circle(alice, "trip", "crew")
    with w.alice.meeting(Dies(at, after)), suppress(Unreachable):
        await verbs.remove(alice, "crew", ["bob"])
    other = await w.alice.another_device()
    is_in = "bob" in (await verbs.listing(other.session))[0].members
    await other.put("trip/goes.txt", b"on")
    await other.rotate()
    (apart,) = await guests.everything(await look(other.session))
    assert len(apart.present) == (2 if is_in else 1)
    if is_in:
        await save(w.bob, f"{TRIP}/x.txt", b"x")
        await verbs.remove(other.session, "crew", ["bob"])
    await refused(w.bob)
    await save(w.carol, f"{TRIP}/carols.txt", b"still")
    assert await other.read("trip/carols.txt") == b"still"
