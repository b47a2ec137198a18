"""A guest who is no friend: what they write harms nobody beside, is told as theirs, and undone."""

from collections.abc import AsyncIterator

import pytest

from client.drive.asof import Number
from client.drive.change import rm
from client.drive.crossing import inside
from client.drive.drive import Drive
from client.drive.entry import Entry, Kind
from client.drive.listing import ls
from client.drive.log import log
from client.drive.page import seal_page
from client.drive.versions import restore_version, versions
from client.keys import new_node_secret
from client.sharing.access import get as access_of
from client.sharing.seen import who_sees
from client.sharing.whose import members
from client.social.store import look
from client.space.overlay import Overlay
from client.space.reading import Changing
from formats.dag_cbor import Value, encode
from formats.errors import Denied, HoldfastError
from formats.leaf import Leaf
from formats.space import Rights
from tests.world.world import World


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with World.open("alice", "bob", carol="bob") as made:
        await made.alice.befriend(made.bob)
        await made.alice.befriend(made.carol)
        await made.alice.put("trip/a.txt", b"one")
        await made.alice.put("trip/deep/b.txt", b"two")
        await made.alice.put("private.txt", b"mine")
        await made.alice.share_write("trip", "bob")
        await made.alice.share_write("trip", "carol")
        yield made


async def his(w: World) -> Drive:
    """Bob's way into the shared folder: a drive of its own."""
    return await inside(w.bob.drive, "/alice/trip")


async def write_page(drive: Drive, folder: tuple[str, ...], entries: list[Value]) -> None:
    """A folder's one page, with whatever entries somebody wants."""

    async def operation(changing: Changing) -> None:
        node = (await drive.edit(changing).folder(folder)).node
        content = encode({"v": 1, "entries": entries})
        leaf = Leaf(node.leaf.lock, node.leaf.header, seal_page(node.header, b"", content))
        changing.put(node.keys.label, leaf)

    await drive.space.commit(operation)


def entry(**wrong: Value) -> Value:
    """An entry of a file that is not there, with what is wrong about it."""
    good = Entry("x", Kind.FILE, 1, new_node_secret(), bytes(16), size=5)
    return {**good.value, **wrong}


@pytest.mark.parametrize(
    "bad",
    [
        entry(name="../../up"),
        entry(name="a/b"),
        entry(name=""),
        entry(kind="device"),
        entry(secret=b"short"),
        entry(size=-1),
        "not a map",
        None,
        ["a", "list"],
    ],
    ids=["up", "slash", "nameless", "kind", "secret", "size", "text", "nothing", "list"],
)
async def test_a_garbage_entry_is_a_placeholder_and_hides_no_sibling(w: World, bad: Value) -> None:
    drive = await his(w)
    kept = (await ls(w.alice.drive, "trip")).entries
    assert {each.name for each in kept} == {"a.txt", "deep"}
    reading = await drive.space.at_hand()
    edit = drive.edit(Overlay(reading))
    there = [each.value for each in (await (await edit.folder(())).listing()).entries]
    await write_page(drive, (), [*there, bad])
    for person in (w.alice, w.carol):
        path = "trip" if person is w.alice else "/alice/trip"
        assert await person.ls(path) >= {"a.txt", "deep"}
        assert await person.read(f"{path}/deep/b.txt") == b"two"
    await w.alice.put("trip/after.txt", b"goes on")
    assert await w.carol.read("/alice/trip/after.txt") == b"goes on"


async def test_a_garbage_page_is_undone_by_the_owner_and_told_as_the_guests(w: World) -> None:
    drive = await his(w)

    async def operation(changing: Changing) -> None:
        node = (await drive.edit(changing).folder(())).node
        leaf = Leaf(node.leaf.lock, node.leaf.header, b"garbage" * 200)
        changing.put(node.keys.label, leaf)

    await drive.space.commit(operation)
    with pytest.raises(HoldfastError):
        await w.carol.read("/alice/trip/a.txt")
    assert await w.alice.read("private.txt") == b"mine"
    assert await w.alice.ls() >= {"trip", "private.txt"}


async def test_the_owner_has_back_what_a_guest_destroyed(w: World) -> None:
    before = (await versions(w.alice.drive, "trip/a.txt"))[0]
    await w.bob.put("/alice/trip/a.txt", b"spoilt")
    await rm(w.bob.drive, ["/alice/trip/deep"], recursive=True, forever=True)
    told = await versions(w.alice.drive, "trip/a.txt")
    whose = await members(w.alice.session, w.alice.drive, "trip")
    assert [whose.get(each.member) for each in told] == ["bob", "alice"]
    logged = [each async for each in log(w.alice.drive, "trip")]
    assert whose[logged[0].member] == "bob"
    assert await w.alice.ls("trip") == {"a.txt"}
    await restore_version(w.alice.drive, "trip", Number(before.seq))
    assert await w.alice.read("trip/a.txt") == b"one"
    assert await w.carol.read("/alice/trip/deep/b.txt") == b"two"


async def test_nobody_else_is_told_whose_a_key_is(w: World) -> None:
    await w.carol.put("/alice/trip/c.txt", b"hers")
    seen = await versions(w.bob.drive, "/alice/trip/c.txt")
    whose = await members(w.bob.session, w.bob.drive, "/alice/trip")
    assert whose.get(seen[0].member) is None
    assert set(whose.values()) == {"bob"}


async def test_a_ceiling_holds_what_is_under_way_too(w: World) -> None:
    await w.alice.share_write("trip", "bob", Rights.WRITE, 300_000)
    with pytest.raises(HoldfastError):
        await w.bob.put("/alice/trip/large.bin", bytes(400_000))
    for number in range(3):
        await w.bob.put(f"/alice/trip/{number}.bin", bytes([number]) * 60_000)
    with pytest.raises(HoldfastError, match="as its owner allows"):
        await w.bob.put("/alice/trip/over.bin", bytes(150_000))
    await w.carol.put("/alice/trip/carols.bin", bytes(400_000))
    assert len(await w.alice.read("trip/carols.bin")) == 400_000


async def test_a_removed_guest_is_out_whatever_they_kept(w: World) -> None:
    drive, reading = await his(w), await (await his(w)).space.reading()
    kept = (await drive.edit(Overlay(reading)).folder(())).node.keys
    await w.alice.unshare("trip", "bob")
    for attempt in (drive.space.reading, drive.space.open_staging):
        with pytest.raises(Denied):
            await attempt()

    async def operation(changing: Changing) -> None:
        changing.delete(kept.label)

    with pytest.raises(HoldfastError):
        await drive.space.commit(operation)
    with pytest.raises(Denied):  # as a reader, with the secret that was the folder's
        await w.bob.drive.shares.mounted(reading.owner, reading.space, kept)
    assert await w.carol.read("/alice/trip/a.txt") == b"one"


async def test_the_owner_is_told_exactly_who_can_change_what(w: World) -> None:
    await w.alice.share_write("trip", "bob", Rights.ADD, 5_000_000)
    ways = {each.contact: each for each in await who_sees(w.alice.session, "trip/deep/b.txt")}
    assert (ways["bob"].rights, ways["bob"].ceiling) == (Rights.ADD, 5_000_000)
    assert (ways["carol"].rights, ways["carol"].ceiling) == (Rights.WRITE, None)
    system = await look(w.alice.session)
    found = await who_sees(w.alice.session, "private.txt")
    assert found == []
    assert await access_of(system, bytes(16)) is None
