"""Folders that others may change: in a space of their own, by guests with a key each."""

from collections.abc import AsyncIterator

import pytest
from trio.testing import MockClock

from client.drive.change import mkdir, mv, rm
from client.drive.copying import cp
from client.drive.listing import ls
from client.sharing import guests
from client.social.parting import block, remove_follower
from client.social.store import look
from formats.errors import Denied, HoldfastError, NotFound, Unfit
from formats.space import Rights
from tests.world.world import World

FILES = {"trip/a.txt": b"one", "trip/deep/er/b.txt": b"two", "private/c.txt": b"three"}


@pytest.fixture
def moving_clock() -> MockClock:
    """trio's clock for the whole test: runs as usual, and ``World.later`` moves it."""
    return MockClock(rate=1.0)


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with World.open("alice", "bob", carol="bob") as made:
        await made.alice.befriend(made.bob)
        await made.alice.befriend(made.carol)
        for path, content in FILES.items():
            await made.alice.put(path, content)
        yield made


async def test_a_guest_reads_and_changes_what_is_shared(w: World) -> None:
    await w.alice.share_write("trip", "bob")
    assert await w.bob.ls("/alice") == {"trip"}
    assert await w.bob.read("/alice/trip/deep/er/b.txt") == b"two"
    await w.bob.put("/alice/trip/new.txt", b"by bob")
    await w.bob.put("/alice/trip/a.txt", b"changed by bob")
    await w.bob.mkdir("/alice/trip/bobs/own")
    await w.bob.mv("/alice/trip/deep/er/b.txt", "/alice/trip/bobs")
    assert await w.alice.ls_all("trip") == {
        "a.txt", "bobs", "bobs/own", "bobs/b.txt", "deep", "deep/er", "new.txt",
    }  # fmt: skip
    assert await w.alice.read("trip/a.txt") == b"changed by bob"
    await w.alice.put("trip/hers.txt", b"by alice")
    assert await w.bob.read("/alice/trip/hers.txt") == b"by alice"
    await w.bob.rm("/alice/trip/hers.txt")
    with pytest.raises(NotFound):
        await w.alice.read("trip/hers.txt")
    await w.alice.bring_back("trip/hers.txt")
    assert await w.bob.read("/alice/trip/hers.txt") == b"by alice"


async def test_what_is_beside_is_nobodys(w: World) -> None:
    await w.alice.share_write("trip", "bob")
    with pytest.raises(HoldfastError):
        await w.bob.read("/alice/private/c.txt")
    with pytest.raises(Denied):
        await w.bob.put("/alice/else.txt", b"x")
    assert await w.alice.ls() == {"trip", "private"}


async def test_readers_follow_and_may_not_write(w: World) -> None:
    await w.alice.share("trip", "carol")
    await w.alice.share("trip/deep", "carol", "depths")
    assert await w.carol.read("/alice/trip/a.txt") == b"one"
    await w.alice.share_write("trip", "bob")
    assert await w.carol.read("/alice/trip/a.txt") == b"one"
    assert await w.carol.read("/alice/depths/er/b.txt") == b"two"
    await w.bob.put("/alice/trip/new.txt", b"new")
    assert await w.carol.read("/alice/trip/new.txt") == b"new"
    with pytest.raises(Denied):
        await w.carol.put("/alice/trip/x.txt", b"x")


async def test_who_is_removed_writes_and_reads_nothing_more(w: World) -> None:
    await w.alice.share_write("trip", "bob")
    await w.alice.share_write("trip", "carol")
    await w.bob.put("/alice/trip/new.txt", b"new")
    await w.alice.unshare("trip", "bob")
    with pytest.raises(Denied):
        await w.bob.put("/alice/trip/more.txt", b"more")
    with pytest.raises(Denied):
        await w.bob.read("/alice/trip/a.txt")
    await w.carol.put("/alice/trip/carols.txt", b"still")
    assert await w.alice.read("trip/carols.txt") == b"still"
    assert await w.alice.read("trip/new.txt") == b"new"


async def test_moving_across_the_border_copies_and_removes(w: World) -> None:
    await w.alice.share_write("trip", "bob")
    await w.alice.mv("private/c.txt", "trip")
    assert await w.bob.read("/alice/trip/c.txt") == b"three"
    assert await w.alice.ls("private") == set()
    await w.bob.mv("/alice/trip/deep", "")
    assert await w.bob.ls_all() == {"deep", "deep/er", "deep/er/b.txt"}
    assert await w.alice.ls("trip") == {"a.txt", "c.txt"}
    await cp(w.bob.drive, ["deep"], "/alice/trip", recursive=True)
    assert await w.alice.read("trip/deep/er/b.txt") == b"two"


async def test_the_shared_folder_is_renamed_and_moved_by_its_owner(w: World) -> None:
    await w.alice.share_write("trip", "bob")
    await w.alice.mkdir("travels")
    await w.alice.mv("trip", "travels/journey")
    await w.alice.put("travels/journey/x.txt", b"x")
    assert await w.bob.read("/alice/trip/x.txt") == b"x"
    await w.alice.share("travels/journey/deep", "carol")
    await w.alice.mv("travels", "elsewhere")
    shares = {(each.path, each.contact) for each in await w.alice.shares()}
    assert shares == {
        ("/alice/elsewhere/journey", "bob"), ("/alice/elsewhere/journey/deep", "carol"),
    }  # fmt: skip
    (apart,) = await guests.everything(await look(w.alice.session))
    assert apart.parts == ("elsewhere", "journey")
    assert await w.carol.read("/alice/deep/er/b.txt") == b"two"
    await w.alice.unshare("elsewhere/journey", "bob")
    await refused(w)


async def refused(w: World) -> None:
    with pytest.raises(Denied):
        await w.bob.read("/alice/trip/a.txt")


async def test_rights_are_what_was_given(w: World) -> None:
    await w.alice.share_write("trip", "bob", Rights.ADD | Rights.CHANGE)
    await w.bob.put("/alice/trip/new.txt", b"new")
    with pytest.raises(HoldfastError):
        await rm(w.bob.drive, ["/alice/trip/a.txt"], forever=True)
    assert await w.alice.read("trip/a.txt") == b"one"


async def test_what_cannot_be_shared_for_writing(w: World) -> None:
    for path, error in (("", Unfit), ("nothing", NotFound)):
        with pytest.raises(error):
            await w.alice.share_write(path, "bob")
    with pytest.raises(NotFound):
        await w.alice.share_write("trip", "nobody")
    await w.alice.share_write("trip", "bob")
    with pytest.raises(Unfit, match="part of /alice/trip"):
        await w.alice.share_write("trip/deep", "bob")
    await mkdir(w.alice.drive, "outer")
    await mv(w.alice.drive, ["trip"], "outer")
    with pytest.raises(Unfit, match="another space"):
        await w.alice.share_write("outer", "bob")
    await w.alice.share("outer", "carol")
    await mkdir(w.alice.drive, "outer/more")
    with pytest.raises(Unfit, match="through /alice/outer"):
        await w.alice.share_write("outer/more", "bob")
    await w.alice.put("after.txt", b"nothing is stuck")


async def test_who_reads_a_folder_above_sees_not_into_it(w: World) -> None:
    await w.alice.share_write("trip", "bob")
    await w.alice.mkdir("outer")
    await w.alice.mv("trip", "outer")
    await w.alice.share("outer", "carol")
    assert await w.carol.ls("/alice/outer") == {"trip"}
    with pytest.raises(Denied):
        await w.carol.ls("/alice/outer/trip")
    assert await w.bob.read("/alice/trip/a.txt") == b"one"


async def test_who_is_blocked_or_removed_writes_and_reads_nothing_more(w: World) -> None:
    await w.alice.share_write("trip", "bob")
    await w.alice.share_write("trip", "carol")
    await w.alice.share("trip/deep", "bob", "depths")
    await block(w.alice.session, "bob")
    for path in ("/alice/trip/a.txt", "/alice/depths/er/b.txt"):
        with pytest.raises(HoldfastError):
            await w.bob.read(path)
    with pytest.raises(HoldfastError):
        await w.bob.put("/alice/trip/more.txt", b"more")
    await w.carol.put("/alice/trip/more.txt", b"by carol")
    await remove_follower(w.alice.session, "carol")
    with pytest.raises(HoldfastError):
        await w.carol.put("/alice/trip/again.txt", b"x")
    assert await w.alice.ls("trip") == {"a.txt", "deep", "more.txt"}


async def test_one_file_of_it_is_read_by_somebody_and_shown_as_one(w: World) -> None:
    await w.alice.share_write("trip", "bob")
    await w.alice.share("trip/a.txt", "carol")
    assert await w.carol.read("/alice/a.txt") == b"one"
    listed = (await ls(w.carol.drive, "/alice")).entries
    assert [(each.name, each.kind) for each in listed] == [("a.txt", "file")]


async def test_a_connection_of_long_ago_is_shown_one_more_key(
    moving_clock: MockClock, w: World
) -> None:
    w.clock.move(61)  # what proves a key lives a minute
    await w.alice.share_write("trip", "bob")
    w.clock.move(61)
    await w.bob.put("/alice/trip/new.txt", b"by bob")
    assert await w.alice.read("trip/new.txt") == b"by bob"
