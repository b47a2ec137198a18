"""A guest who is no friend: what they write harms nobody beside, is told as theirs, and undone."""

from collections.abc import AsyncIterator

import pytest

from client.drive.asof import Number
from client.drive.change import rm
from client.drive.crossing import inside
from client.drive.drive import Drive
from client.drive.edit import need
from client.drive.entry import Entry, Kind
from client.drive.listing import ls
from client.drive.log import log
from client.drive.page import seal_page
from client.drive.versions import restore_version, versions
from client.keys import new_node_secret
from client.sharing.access import get as access_of
from client.sharing.apart import own_space
from client.sharing.jobs import finish
from client.sharing.seen import who_sees
from client.sharing.whose import members
from client.social.store import look
from client.space.overlay import Overlay
from client.space.reading import Changing
from formats.dag_cbor import Value, encode
from formats.errors import Denied, HoldfastError
from formats.leaf import Leaf
from formats.space import Rights
from tests.client.sharing.hostile import HostileGuest
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


async def broken(drive: Drive, folder: tuple[str, ...], name: str) -> None:
    """A guest puts garbage in the place of a header, and leaves all else where it is."""

    async def operation(changing: Changing) -> None:
        edit = drive.edit(changing)
        entry = await need(await edit.folder(folder), name)
        leaf = (await changing.leaves([entry.keys.ref()]))[entry.keys.label]
        changing.put(entry.keys.label, Leaf(leaf.lock, b"garbage" * 200))

    await drive.space.commit(operation)


async def test_what_a_guest_hid_before_being_removed_is_refused_to_them_too(w: World) -> None:
    await w.alice.put("trip/film.bin", bytes(200_000))
    hostile = HostileGuest(w.bob.session, "alice", "trip")
    await hostile.look()
    assert len(await hostile.gets()) > 2 * len(hostile.refs)  # as a member, and as a reader
    drive = await his(w)
    await broken(drive, (), "film.bin")  # nothing says any more where its chunk is
    there = [
        each.value
        for each in (
            await (await drive.edit(Overlay(await drive.space.reading())).folder(())).listing()
        ).entries
    ]
    await write_page(drive, (), [each for each in there if each["name"] != "deep"])
    await w.alice.unshare("trip", "bob")
    assert await hostile.gets() == []
    await finish(w.alice.session)
    assert await hostile.gets() == []
    assert await w.carol.read("/alice/trip/a.txt") == b"one"


@pytest.mark.parametrize("what", ["header", "page", "system", "trash", "gone"])
async def test_a_guest_who_broke_everything_can_still_be_removed(w: World, what: str) -> None:
    drive = await his(w)
    before = (await versions(w.alice.drive, "trip/deep/b.txt"))[0]
    await w.bob.rm("/alice/trip/a.txt")  # into the trash of the space

    async def operation(changing: Changing) -> None:
        edit = drive.edit(changing)
        if what in ("header", "page", "gone"):
            keys = (await edit.folder(())).node.keys
        else:
            parts = ("system",) if what == "system" else ("system", "trash")
            keys = (await edit.hidden_folder(parts)).node.keys
        leaf = (await changing.leaves([keys.ref()]))[keys.label]
        if what == "gone":
            changing.empty()
        elif what == "page":
            changing.put(keys.label, Leaf(leaf.lock, leaf.header, b"garbage" * 200))
        else:
            changing.put(keys.label, Leaf(leaf.lock, b"garbage" * 200, leaf.body))

    await drive.space.commit(operation)
    await w.alice.unshare("trip", "bob")
    with pytest.raises(Denied):
        await drive.space.reading()
    await restore_version(w.alice.drive, "trip", Number(before.seq))
    assert await w.alice.read("trip/deep/b.txt") == b"two"
    assert await w.carol.read("/alice/trip/deep/b.txt") == b"two"


async def test_a_file_alone_that_its_guest_destroyed_is_had_back(w: World) -> None:
    await w.alice.share_write("private.txt", "bob")
    before = (await versions(w.alice.drive, "private.txt"))[0]
    drive = await inside(w.bob.drive, "/alice/private.txt")

    async def operation(changing: Changing) -> None:
        changing.empty()

    await drive.space.commit(operation)
    await w.alice.unshare("private.txt", "bob")
    with pytest.raises(Denied):
        await drive.space.reading()
    await restore_version(w.alice.drive, "private.txt", Number(before.seq))
    assert await w.alice.read("private.txt") == b"mine"


async def test_what_the_home_does_not_hand_over_is_not_begun_anew(w: World) -> None:
    drive = await inside(w.alice.drive, "trip")
    reading = await drive.space.reading()
    label = (await drive.edit(Overlay(reading)).folder(())).node.keys.label
    space = await own_space(w.alice.session, reading.space)
    assert space.view.tip is not None
    cid = (await space.places(space.view.tip, [label]))[label]
    assert cid is not None
    blocks = w.places["alice"].store._tables.blocks
    kept = blocks[cid]
    blocks[cid] = bytes(len(kept))  # rot on her home's disk, or a home that lies
    other = await w.alice.another_device()  # which has read nothing of it yet
    with pytest.raises(HoldfastError, match=r"withheld|home"):
        await other.unshare("trip", "bob")
    blocks[cid] = kept
    assert await w.bob.read("/alice/trip/deep/b.txt") == b"two"
    await other.unshare("trip", "bob")
    assert await other.read("trip/deep/b.txt") == b"two"
