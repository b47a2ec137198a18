"""A single file that others may change: in its place for both sides, and saved safely."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from tempfile import NamedTemporaryFile

import pytest

from client.drive.asof import Number
from client.drive.change import mkdir, rm
from client.drive.copying import cp
from client.drive.handle.opening import Access, open_handle
from client.drive.listing import du, ls, stat
from client.drive.log import log
from client.drive.upload import upload
from client.drive.versions import restore_version, versions
from client.sharing.inside import unshare_write
from client.sharing.seen import who_sees
from client.sharing.share import shared_by_me
from formats.errors import Conflict, Denied, Exists, HoldfastError, NotAFolder, Partial, Unfit
from formats.space import Rights
from tests.client.sharing.hostile import HostileGuest
from tests.world.person import Person
from tests.world.world import World

LARGE = bytes(range(256)) * 1024


async def save(person: Person, path: str, content: bytes) -> None:
    """Put a file; nothing is made above it."""
    with NamedTemporaryFile() as local:
        local.write(content)
        local.flush()
        await upload(person.drive, [local.name], path)


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with World.open("alice", "bob", carol="bob") as made:
        await made.alice.befriend(made.bob)
        await made.alice.befriend(made.carol)
        await made.alice.put("docs/notes.txt", b"one")
        await made.alice.put("docs/beside.txt", b"beside")
        yield made


async def test_both_change_it_at_its_own_place(w: World) -> None:
    await w.alice.share_write("docs/notes.txt", "bob")
    assert await w.bob.ls("/alice") == {"notes.txt"}
    assert await w.bob.read("/alice/notes.txt") == b"one"
    assert await w.alice.read("docs/notes.txt") == b"one"
    await save(w.bob, "/alice/notes.txt", b"two, by bob")
    assert await w.alice.read("docs/notes.txt") == b"two, by bob"
    await w.alice.put("docs/notes.txt", LARGE)
    assert await w.bob.read("/alice/notes.txt") == LARGE
    assert await w.alice.ls("docs") == {"notes.txt", "beside.txt"}
    with pytest.raises(HoldfastError):
        await w.bob.read("/alice/beside.txt")


async def test_it_is_listed_as_it_is_now(w: World) -> None:
    await w.alice.share_write("docs/notes.txt", "bob")
    await save(w.bob, "/alice/notes.txt", b"eleven byte")
    for person, folder in ((w.alice, "docs"), (w.bob, "/alice")):
        listed = {each.name: each for each in (await ls(person.drive, folder)).entries}
        assert (listed["notes.txt"].kind, listed["notes.txt"].size) == ("file", 11)
        shown = await stat(person.drive, f"{folder}/notes.txt")
        assert (shown.name, shown.kind, shown.size) == ("notes.txt", "file", 11)
        assert shown.path == str(person.drive.path(f"{folder}/notes.txt"))
    assert (await du(w.alice.drive, "docs")).bytes == 17
    assert (await du(w.alice.drive, "docs/notes.txt")).bytes == 11


async def test_it_is_called_as_each_side_calls_it(w: World) -> None:
    await w.alice.share_write("docs/notes.txt", "bob")
    await w.alice.mkdir("else")
    await w.alice.mv("docs/notes.txt", "else/list.txt")
    await w.alice.put("else/list.txt", b"moved")
    assert await w.bob.read("/alice/notes.txt") == b"moved"
    await w.alice.share("else/list.txt", "bob", "ours")
    await save(w.bob, "/alice/ours", b"renamed for bob")
    assert await w.alice.read("else/list.txt") == b"renamed for bob"
    assert await w.bob.ls("/alice") == {"ours"}


async def test_readers_follow_and_may_not_write(w: World) -> None:
    await w.alice.share("docs/notes.txt", "carol")
    await w.alice.share_write("docs/notes.txt", "bob")
    await save(w.bob, "/alice/notes.txt", b"two")
    assert await w.carol.read("/alice/notes.txt") == b"two"
    with pytest.raises(Denied):
        await save(w.carol, "/alice/notes.txt", b"x")
    ways = await who_sees(w.alice.session, "docs/notes.txt")
    assert [(each.contact, bool(each.rights)) for each in ways] == [("bob", True), ("carol", False)]
    shares = await shared_by_me(w.alice.session)
    assert [(each.path, each.contact) for each in shares] == [
        ("/alice/docs/notes.txt", "bob"), ("/alice/docs/notes.txt", "carol"),
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"small", LARGE], ids=["small", "large"])
async def test_who_is_removed_has_nothing_more(w: World, content: bytes) -> None:
    await w.alice.put("docs/notes.txt", content)
    await w.alice.share_write("docs/notes.txt", "bob")
    await w.alice.share_write("docs/notes.txt", "carol")
    await w.alice.unshare("docs/notes.txt", "bob")
    for what in (save(w.bob, "/alice/notes.txt", b"x"), w.bob.read("/alice/notes.txt")):
        with pytest.raises(Denied):
            await what
    await save(w.carol, "/alice/notes.txt", b"still")
    assert await w.alice.read("docs/notes.txt") == b"still"
    await unshare_write(w.alice.session, "docs/notes.txt", "carol")
    assert await w.carol.read("/alice/notes.txt") == b"still"
    with pytest.raises(Denied):
        await save(w.carol, "/alice/notes.txt", b"x")
    await w.alice.put("docs/notes.txt", b"hers")
    assert await w.carol.read("/alice/notes.txt") == b"hers"


async def test_who_kept_everything_is_refused_all_of_it(w: World) -> None:
    await w.alice.share_write("docs/notes.txt", "bob")
    hostile = HostileGuest(w.bob.session, "alice", "notes.txt")
    await hostile.look()
    assert set(await hostile.gets()) == set(hostile.refs)
    await w.alice.unshare("docs/notes.txt", "bob")
    assert await hostile.gets() == []


async def test_two_who_save_at_once_both_keep_theirs(w: World) -> None:
    await w.alice.share_write("docs/notes.txt", "bob")
    for person, path in ((w.bob, "/alice/notes.txt"), (w.alice, "docs/notes.txt")):
        late = await open_handle(person.drive, path, Access(write=True))
        await late.write(0, LARGE)
        other = w.alice if person is w.bob else w.bob
        there = "docs/notes.txt" if other is w.alice else "/alice/notes.txt"
        await save(other, there, b"first")
        with pytest.raises(Conflict):
            await late.flush()
        kept = str(await late.keep_both())
        await late.append(b"and more")
        await late.close()
        assert await person.read(kept) == LARGE + b"and more"
        assert kept.startswith("/bob/notes (conflict" if person is w.bob else "/alice/docs/notes (")
        assert await w.alice.read("docs/notes.txt") == b"first"
        assert await w.bob.read("/alice/notes.txt") == b"first"


async def test_it_has_versions_and_a_log_by_who_wrote(w: World) -> None:
    await w.alice.share_write("docs/notes.txt", "bob")
    await save(w.bob, "/alice/notes.txt", b"two")
    for person, path in ((w.alice, "docs/notes.txt"), (w.bob, "/alice/notes.txt")):
        assert [each.size for each in await versions(person.drive, path)] == [3, 3]
        async with aclosing(log(person.drive, path)) as states:
            told = [str(change.path) async for state in states for change in state.changes]
        assert told == [str(person.drive.path(path))]
    oldest = (await versions(w.alice.drive, "docs/notes.txt"))[-1].seq
    await restore_version(w.alice.drive, "docs/notes.txt", Number(oldest))
    assert await w.bob.read("/alice/notes.txt") == b"one"


async def test_it_is_copied_from_and_onto(w: World) -> None:
    await w.alice.share_write("docs/notes.txt", "bob")
    await cp(w.bob.drive, ["/alice/notes.txt"], "")
    await w.bob.put("notes.txt", b"bobs own now")
    assert await w.alice.read("docs/notes.txt") == b"one"
    with pytest.raises((Exists, Partial)):
        await cp(w.bob.drive, ["notes.txt"], "/alice/notes.txt")
    await cp(w.bob.drive, ["notes.txt"], "/alice/notes.txt", force=True)
    assert await w.alice.read("docs/notes.txt") == b"bobs own now"
    await cp(w.alice.drive, ["docs"], "copy", recursive=True)
    assert await w.alice.read("copy/notes.txt") == b"bobs own now"
    await w.alice.put("copy/notes.txt", b"a copy is ones own")
    assert await w.bob.read("/alice/notes.txt") == b"bobs own now"


async def test_nobody_removes_it_unseen_and_nothing_is_put_below_it(w: World) -> None:
    await w.alice.share_write("docs/notes.txt", "bob")
    with pytest.raises(Denied):
        await rm(w.bob.drive, ["/alice/notes.txt"])
    with pytest.raises(Unfit):
        await rm(w.alice.drive, ["docs/notes.txt"])
    with pytest.raises(Unfit):
        await rm(w.alice.drive, ["docs"], recursive=True)
    with pytest.raises(NotAFolder):
        await mkdir(w.bob.drive, "/alice/notes.txt/below")
    with pytest.raises(NotAFolder):
        await save(w.alice, "docs/notes.txt/below", b"x")
    await w.alice.unshare("docs/notes.txt", "bob")
    await rm(w.alice.drive, ["docs/notes.txt"])
    await w.alice.bring_back("docs/notes.txt")
    assert await w.alice.read("docs/notes.txt") == b"one"


async def test_rights_are_what_was_given(w: World) -> None:
    await w.alice.share_write("docs/notes.txt", "bob", Rights.CHANGE)
    await save(w.bob, "/alice/notes.txt", b"changed")
    assert await w.alice.read("docs/notes.txt") == b"changed"
    with pytest.raises(HoldfastError):
        await save(w.bob, "/alice/notes.txt", LARGE)  # in chunks, which would be added
    assert await w.alice.read("docs/notes.txt") == b"changed"
