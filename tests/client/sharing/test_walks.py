"""Verbs that walk, over trees with shared folders that have spaces of their own."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from client.drive.asof import drive_of
from client.drive.change import mkdir, mv, rm
from client.drive.copying import cp
from client.drive.crossing import inside
from client.drive.download import download
from client.drive.drive import Drive
from client.drive.entry import Entry
from client.drive.events import Event, Skipped
from client.drive.listing import Wanted, du, find, ls_all
from client.drive.paths import DrivePath
from client.drive.resealing import reseal
from client.drive.resolve import resolve
from client.drive.trash import empty, restore, trash, trash_of
from client.drive.upload import upload
from client.search.matching import Query
from client.search.search import Answer, Search
from client.sharing.mounts import shared_folders
from client.space.reading import Changing
from formats.errors import Partial, Unfit
from tests.world.person import Person
from tests.world.world import World

LARGE = b"a megabyte, in segments" * 50_000
FILES = {
    "home.txt": b"above",
    "outer/side.txt": b"beside",
    "outer/mid/trip/a.txt": b"one",
    "outer/mid/trip/deep/er/b.txt": b"two",
    "outer/mid/trip/large.bin": LARGE,
    "outer/mid/z.txt": b"after",
}
TRIP = {"a.txt": b"one", "deep/er/b.txt": b"two", "large.bin": LARGE}


@pytest.fixture
async def w() -> AsyncIterator[World]:
    """Alice shares outer/mid/trip with Bob, who may write there; Carol may read it."""
    async with World.open("alice", "bob", carol="bob") as made:
        await made.alice.befriend(made.bob)
        await made.alice.befriend(made.carol)
        for path, content in FILES.items():
            await made.alice.put(path, content)
        await made.alice.share_write("outer/mid/trip", "bob")
        await made.alice.share("outer/mid/trip", "carol")
        yield made


async def alices(w: World) -> list[Person]:
    """Her first device and a second one."""
    return [w.alice, await w.alice.another_device()]


async def keys_of(person: Person, path: str) -> set[bytes]:
    """The data keys of a file."""
    node = await (await resolve(person.drive, person.drive.path(path))).file()
    return {key.secret.reveal() for key in node.header.ring.keys}


def on_disk(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


async def listed(person: Person, path: str) -> set[str]:
    """Every path that ``ls -R`` tells, below a path; nothing may be missing."""
    told: set[str] = set()
    async for folder in ls_all(person.drive, path):
        assert folder.problems == ()
        told |= {shown.path for shown in folder.entries}
    return told


async def test_get_has_every_file(w: World, tmp_path: Path) -> None:
    for number, alice in enumerate(await alices(w)):
        to = tmp_path / f"{number}"
        await download(alice.drive, ["/alice"], str(_made(to)))
        assert on_disk(to / "alice") == FILES
        await download(alice.drive, ["/alice/outer/mid/trip"], str(_made(to)))
        assert on_disk(to / "trip") == TRIP


async def test_whoever_was_let_in_gets_every_file(w: World, tmp_path: Path) -> None:
    for person in (w.bob, await w.bob.another_device(), w.carol):
        to = _made(tmp_path / f"{person.name}-{id(person)}")
        await download(person.drive, ["/alice"], str(to))
        assert on_disk(to / "alice") == {f"trip/{path}": it for path, it in TRIP.items()}
        await download(person.drive, ["/alice/trip"], str(to))
        assert on_disk(to / "trip") == TRIP


async def test_a_file_shared_out_of_such_a_folder_is_got(w: World, tmp_path: Path) -> None:
    await w.alice.share("outer/mid/trip/large.bin", "carol", "big")
    await download(w.carol.drive, ["/alice"], str(tmp_path))
    assert on_disk(tmp_path / "alice")["big"] == LARGE
    await cp(w.carol.drive, ["/alice"], "", recursive=True)
    assert await w.carol.read("alice/big") == LARGE


async def test_looking_goes_in(w: World) -> None:
    for alice in await alices(w):
        everything = await listed(alice, "/alice")
        assert {f"/alice/{path}" for path in FILES} <= everything
        assert await listed(alice, "/alice/outer/mid/trip") == {
            path for path in everything if path.startswith("/alice/outer/mid/trip/")
        }
        usage = await du(alice.drive, "/alice")
        assert (usage.files, usage.folders, usage.problems) == (len(FILES), 6, [])
        assert usage.bytes == sum(map(len, FILES.values()))
        found = [each async for each in find(alice.drive, "/alice/outer", Wanted("b.txt"))]
        assert [shown.path for each in found for shown in each.entries] == [
            "/alice/outer/mid/trip/deep/er/b.txt"
        ]
    for person in (w.bob, w.carol):
        assert "/alice/trip/deep/er/b.txt" in await listed(person, "/alice")
        usage = await du(person.drive, "/alice")
        assert (usage.files, usage.problems) == (len(TRIP), [])


async def test_a_copy_has_every_file_and_is_ones_own(w: World, tmp_path: Path) -> None:
    await cp(w.alice.drive, ["outer"], "copy", recursive=True)
    await download(w.alice.drive, ["copy"], str(tmp_path))
    assert on_disk(tmp_path / "copy") == {
        path.removeprefix("outer/"): it for path, it in FILES.items() if "/" in path
    }
    await w.bob.put("/alice/trip/a.txt", b"changed by bob")
    assert await w.alice.read("copy/mid/trip/a.txt") == b"one"
    await cp(w.bob.drive, ["/alice"], "alices", recursive=True)
    assert await w.bob.read("alices/trip/large.bin") == LARGE


async def test_nothing_is_copied_into_a_shared_folder_below_itself(w: World) -> None:
    before = await listed(w.alice, "/alice")
    with pytest.raises(Unfit, match="into itself"):
        await cp(w.alice.drive, ["outer"], "outer/mid/trip", recursive=True)
    with pytest.raises(Unfit, match="would go with /alice/outer"):
        await mv(w.alice.drive, ["outer"], "outer/mid/trip")
    assert await listed(w.alice, "/alice") == before


async def test_no_shared_folder_is_removed_with_what_is_above_it(w: World) -> None:
    before = await listed(w.alice, "/alice")
    for alice in await alices(w):
        for path in ("outer", "outer/mid"):
            for forever in (False, True):
                with pytest.raises(Unfit, match="mid/trip is a shared folder"):
                    await rm(alice.drive, [path], recursive=True, forever=forever)
        with pytest.raises(Unfit, match="trip is shared"):
            await rm(alice.drive, ["outer/mid/trip"], recursive=True)
    await w.alice.mv("outer/mid", "mid")  # not where it was when it was shared
    with pytest.raises(Unfit, match="/alice/mid/trip is a shared folder"):
        await rm(w.alice.drive, ["mid"], recursive=True)
    await w.alice.mv("mid", "outer/mid")
    assert await listed(w.alice, "/alice") == before
    assert await w.bob.read("/alice/trip/a.txt") == b"one"


async def test_what_is_beside_a_shared_folder_is_removed(w: World) -> None:
    await w.alice.mv("outer/mid/trip", "trip")
    await rm(w.alice.drive, ["outer"], recursive=True)
    await rm(w.alice.drive, ["trip/deep"], recursive=True)
    assert await listed(w.bob, "/alice/trip") == {"/alice/trip/a.txt", "/alice/trip/large.bin"}


async def test_what_was_taken_back_is_removed_and_restored_by_itself(w: World) -> None:
    await w.alice.unshare("outer/mid/trip", "bob")
    await w.alice.unshare("outer/mid/trip", "carol")
    with pytest.raises(Unfit, match="/alice/outer/mid/trip is a shared folder"):
        await rm(w.alice.drive, ["outer"], recursive=True)
    await rm(w.alice.drive, ["outer/mid/trip"], recursive=True)
    await w.alice.bring_back("outer/mid/trip")
    assert await w.alice.read("outer/mid/trip/deep/er/b.txt") == b"two"


async def test_a_folder_is_moved_with_the_shared_folder_in_it(w: World) -> None:
    for to in ("elsewhere", "other/way/down"):
        alice = await w.alice.another_device()
        await mkdir(alice.drive, "other/way", parents=True)
        await mv(alice.drive, ["outer" if to == "elsewhere" else "elsewhere"], to)
        assert await w.alice.read(f"{to}/mid/trip/a.txt") == b"one"
    await w.bob.put("/alice/trip/new.txt", b"by bob")
    assert await w.alice.read("other/way/down/mid/trip/new.txt") == b"by bob"
    await w.alice.share("other", "carol")  # what leaves that gets new secrets, and the mount stays
    await w.alice.mv("other/way", "way")
    await w.alice.rotate()
    assert await w.alice.read("way/down/mid/trip/new.txt") == b"by bob"
    assert await w.bob.read("/alice/trip/a.txt") == b"one"


async def test_nothing_is_copied_of_what_cannot_be_moved(w: World) -> None:
    await w.alice.mkdir("second")
    await w.alice.share_write("second", "bob")
    for source, why in (("outer", "/alice/outer/mid/trip is a"), ("outer/mid/trip", "trip is")):
        with pytest.raises(Unfit, match=why):
            await mv(w.alice.drive, [source], "second")
    assert await w.alice.ls("second") == set()


async def test_a_shared_folder_has_a_trash_of_its_own(w: World) -> None:
    await w.bob.rm("/alice/trip/a.txt")
    await w.alice.rm("home.txt")
    for alice in await alices(w):
        assert await shared_folders(alice.session) == ["/alice/outer/mid/trip"]
        assert await alice.in_trash() == {"/alice/home.txt"}
        (thing,), problems = await trash(await trash_of(alice.drive, "outer/mid/trip"))
        assert (str(thing.path), problems) == ("/alice/outer/mid/trip/a.txt", [])
    for folder in ("", "outer", "outer/mid/trip/deep"):
        with pytest.raises(Unfit, match="no trash of its own"):
            await trash_of(w.alice.drive, folder)
    await w.alice.mv("outer", "journeys")
    assert await shared_folders(w.alice.session) == ["/alice/journeys/mid/trip"]
    bobs = await trash_of(w.bob.drive, "/alice/trip")
    await restore(bobs, [(await trash(bobs))[0][0].id])
    assert await w.alice.read("journeys/mid/trip/a.txt") == b"one"
    await w.bob.rm("/alice/trip/a.txt")
    assert (await empty(await trash_of(w.alice.drive, "journeys/mid/trip"))).count == 1
    assert await w.alice.in_trash() == {"/alice/home.txt"}


async def test_search_finds_what_is_in_shared_folders(w: World) -> None:
    people = dict.fromkeys(await alices(w), "/alice/outer/mid/trip")
    people |= {w.bob: "/alice/trip", w.carol: "/alice/trip"}
    searches = {person: Search(person.drive) for person in people}
    for person, trip in people.items():
        for words in (Query(("b.txt",)), Query(("b.txt",), below=f"{trip}/deep")):
            assert await ask(searches[person], words) == [f"{trip}/deep/er/b.txt"]
    await w.bob.put("/alice/trip/deep/new.txt", b"by bob")
    for person, trip in people.items():
        assert await ask(searches[person], Query(("new",))) == [f"{trip}/deep/new.txt"]
    await w.alice.mv("outer/mid/trip", "travels")
    assert await ask(searches[w.alice], Query(("new",))) == ["/alice/travels/deep/new.txt"]
    await w.alice.unshare("travels", "carol")
    assert await ask(searches[w.carol], Query(("new",))) == []


async def test_nobody_is_led_in_circles(w: World, tmp_path: Path) -> None:
    """By a mount that stands twice, or by one that a guest wrote."""
    (mount,) = [each async for each in _entries(w.alice, ("outer", "mid")) if each.name == "trip"]
    await _write(w.alice.drive, ("outer",), replace(mount, name="twice"))
    await _write(await inside(w.bob.drive, "/alice/trip/a.txt"), ("deep",), mount)
    told = await left_out(w.alice, "/alice", _made(tmp_path / "hers"))
    assert told == ["/alice/outer/mid/trip/deep/trip", "/alice/outer/twice"]
    assert on_disk(tmp_path / "hers/alice") == FILES
    assert await left_out(w.bob, "/alice", _made(tmp_path / "his")) == ["/alice/trip/deep/trip"]
    assert await left_out(w.bob, "/alice/trip", tmp_path / "his") == ["/alice/trip/deep/trip"]


async def test_sealing_anew_enters_what_others_may_change(w: World) -> None:
    await w.alice.put("outer/notes.txt", b"alone")
    await w.alice.share_write("outer/notes.txt", "bob")
    paths = [*(f"outer/mid/trip/{name}" for name in TRIP), "outer/notes.txt", "outer/side.txt"]
    before = [await keys_of(w.alice, path) for path in paths]
    summary = await reseal(w.alice.drive, "outer")
    assert summary.files == 6
    for path, were in zip(paths, before, strict=True):
        assert were
        assert not were & await keys_of(w.alice, path)
    for name, content in TRIP.items():
        assert await w.alice.read(f"outer/mid/trip/{name}") == content
        assert await w.bob.read(f"/alice/trip/{name}") == content
        assert await w.carol.read(f"/alice/trip/{name}") == content
    assert await w.bob.read("/alice/notes.txt") == b"alone"
    at_home = [await keys_of(w.alice, path) for path in paths]
    assert (await reseal(w.alice.drive, "")).files == len(FILES) + 1
    for path, were in zip(paths, at_home, strict=True):
        assert not were & await keys_of(w.alice, path)


async def test_sealing_anew_follows_no_mount_that_a_guest_wrote(w: World) -> None:
    """Not within a shared folder; and one that stands twice is sealed once."""
    (mount,) = [each async for each in _entries(w.alice, ("outer", "mid")) if each.name == "trip"]
    await w.alice.share_write("home.txt", "bob")
    (other,) = [each async for each in _entries(w.alice, ()) if each.name == "home.txt"]
    await _write(w.alice.drive, ("outer",), replace(mount, name="twice"))
    await _write(await inside(w.bob.drive, "/alice/trip/a.txt"), ("deep",), other)
    were = await keys_of(w.alice, "home.txt")
    assert (await reseal(w.alice.drive, "outer/mid/trip")).files == len(TRIP)
    assert (await reseal(w.alice.drive, "outer")).files == len(FILES) - 1
    assert await keys_of(w.alice, "home.txt") == were


async def test_the_past_says_what_it_has_not(w: World, tmp_path: Path) -> None:
    drive = drive_of(w.alice.drive, (await w.alice.drive.past.states())[0])
    problems = (await du(drive, "/alice")).problems
    assert ["/alice/outer/mid/trip" in each.message for each in problems] == [True]


async def test_what_is_put_above_crosses_the_border(w: World, tmp_path: Path) -> None:
    await w.alice.put("outer/notes.txt", b"alone")
    await w.alice.share_write("outer/notes.txt", "bob")
    await download(w.alice.drive, ["outer"], str(tmp_path))
    for name in ("side.txt", "mid/trip/new.txt", "mid/trip/deep/new.txt", "notes.txt"):
        (tmp_path / "outer" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "outer" / name).write_bytes(b"now " + name.encode())
    made = await upload(w.alice.drive, [str(tmp_path / "outer")], "", update=True)
    assert made.files == 4
    assert await w.bob.read("/alice/trip/new.txt") == b"now mid/trip/new.txt"
    assert await w.bob.read("/alice/trip/deep/new.txt") == b"now mid/trip/deep/new.txt"
    assert await w.bob.read("/alice/notes.txt") == b"now notes.txt"
    assert await w.alice.read("outer/side.txt") == b"now side.txt"
    again = await upload(w.alice.drive, [str(tmp_path / "outer")], "", update=True)
    assert (again.files, again.unchanged) == (0, 8)


async def test_a_file_does_not_take_the_place_of_a_shared_folder_nor_one_of_a_file(
    w: World, tmp_path: Path
) -> None:
    await w.alice.put("outer/notes.txt", b"alone")
    await w.alice.share_write("outer/notes.txt", "bob")
    (tmp_path / "outer/mid").mkdir(parents=True)
    (tmp_path / "outer/notes.txt").mkdir()
    (tmp_path / "outer/mid/trip").write_bytes(b"a file")
    (tmp_path / "outer/side.txt").write_bytes(b"put all the same")
    with pytest.raises(Partial):
        await upload(w.alice.drive, [str(tmp_path / "outer")], "")
    assert await w.alice.read("outer/side.txt") == b"put all the same"
    assert await w.alice.read("outer/notes.txt") == b"alone"
    assert "trip" in await w.bob.ls("/alice")


async def test_what_cannot_be_entered_is_named(w: World, tmp_path: Path) -> None:
    """Who reads a folder above sees that there is something, and never gets half without a word."""
    await w.alice.share("outer", "carol")
    assert await left_out(w.carol, "/alice/outer", tmp_path) == ["/alice/outer/mid/trip"]
    assert on_disk(tmp_path / "outer") == {"side.txt": b"beside", "mid/z.txt": b"after"}
    usage = await du(w.carol.drive, "/alice/outer")
    assert ["/alice/outer/mid/trip" in each.message for each in usage.problems] == [True]


async def left_out(person: Person, source: str, to: Path) -> list[str]:
    """Which paths a ``get`` of something that cannot be had whole names, sorted."""
    skipped: list[Skipped] = []

    async def listen(event: Event) -> None:
        if isinstance(event, Skipped):
            skipped.append(event)

    with pytest.raises(Partial):
        await download(person.drive, [source], str(to), listen)
    return sorted(each.error.message.split()[0].rstrip(":") for each in skipped)


async def ask(search: Search, query: Query) -> list[str]:
    """The paths that a search finds; everything must have been looked at."""
    found: list[str] = []

    async def tell(answer: Answer) -> None:
        assert answer.problems == []
        found.extend(each.path for each in answer.found)

    await search.ask(query, tell)
    return found


async def _entries(person: Person, parts: tuple[str, ...]) -> AsyncIterator[Entry]:
    view = await (await resolve(person.drive, DrivePath(person.name, parts))).view()
    for entry in (await view.listing()).entries:
        yield entry


async def _write(drive: Drive, parts: tuple[str, ...], entry: Entry) -> None:
    """As a client of one's own would."""

    async def operation(changing: Changing) -> None:
        edit = drive.edit(changing)
        await (await edit.folder(parts)).put(entry)
        await edit.flush()

    await drive.space.commit(operation)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
