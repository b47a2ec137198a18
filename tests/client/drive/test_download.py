"""Getting trees: they come back as they were, nothing is overwritten, nothing escapes."""

import os
from pathlib import Path

import pytest
import trio

from client.drive import walk as walked
from client.drive.change import mkdir, rm
from client.drive.download import download
from client.drive.drive import Drive
from client.drive.entry import Entry
from client.drive.events import Event, Progress
from client.drive.folder import FolderView
from client.drive.page import seal_page
from client.drive.resolve import resolve
from client.drive.target import home_edit
from client.drive.upload import upload
from client.space.reading import Changing
from formats.errors import (
    Conflict,
    Damaged,
    Denied,
    Exists,
    NotAFolder,
    NotFound,
    Partial,
    TooLarge,
    Unfit,
    Unreachable,
    Withheld,
)
from formats.leaf import Leaf
from formats.limits import CHUNK
from tests.client.drive.contents import content_of
from tests.client.drive.drives import Heard, new_drive
from tests.client.drive.test_upload import SIZES, plant
from tests.client.fakes import FakeReading, FakeSpace


def same(a: Path, b: Path) -> None:
    """Two local trees with the same names, contents, kinds, modes and times."""
    names = sorted(str(path.relative_to(a)) for path in a.rglob("*"))
    assert names == sorted(str(path.relative_to(b)) for path in b.rglob("*"))
    for one, two in [(a, b), *((a / name, b / name) for name in names)]:
        first, second = one.lstat(), two.lstat()
        assert first.st_mode == second.st_mode, one
        assert first.st_mtime_ns == second.st_mtime_ns, one
        if one.is_symlink():
            assert one.readlink() == two.readlink()
        elif one.is_file():
            assert one.read_bytes() == two.read_bytes()


async def put(drive: Drive, source: Path, to: str = "") -> None:
    await upload(drive, [str(source)], to)


async def label_of(drive: Drive, path: str) -> bytes:
    keys = (await resolve(drive, drive.path(path))).keys
    assert keys is not None
    return keys.label


async def test_a_tree_comes_back(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    plant(tmp_path / "t")
    await put(drive, tmp_path / "t")
    out = tmp_path / "out"
    heard = Heard()
    summary = await download(drive, ["t"], str(out), heard)
    same(tmp_path / "t", out)
    assert (summary.files, summary.folders, summary.links) == (4, 4, 1)
    moved = [each for each in heard.events if isinstance(each, Progress)]
    assert moved[-1].bytes == 2 * CHUNK + 5 + 1 + 10
    (tmp_path / "into").mkdir()
    await download(drive, ["t", "t/big"], str(tmp_path / "into"))
    same(tmp_path / "t", tmp_path / "into" / "t")
    assert (tmp_path / "into" / "big").stat().st_size == 2 * CHUNK + 5


@pytest.mark.parametrize("size", SIZES)
async def test_sizes(tmp_path: Path, size: int) -> None:
    drive, _ = await new_drive()
    (tmp_path / "f").write_bytes(content_of(size))
    await put(drive, tmp_path / "f")
    await download(drive, ["f"], str(tmp_path / "g"))
    assert (tmp_path / "g").read_bytes() == content_of(size)


async def test_a_sparse_file_stays_sparse(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    with (tmp_path / "f").open("wb") as file:
        file.truncate(30 * CHUNK)
        file.seek(9 * CHUNK)
        file.write(b"here")
    await put(drive, tmp_path / "f")
    await download(drive, ["f"], str(tmp_path / "g"))
    assert (tmp_path / "g").stat().st_size == 30 * CHUNK
    assert (tmp_path / "g").stat().st_blocks * 512 <= 3 * CHUNK
    assert (tmp_path / "g").read_bytes() == (tmp_path / "f").read_bytes()


async def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    plant(tmp_path / "t")
    await put(drive, tmp_path / "t")
    out = tmp_path / "out"
    out.mkdir()
    await download(drive, ["t"], str(out))
    (out / "t" / "deep" / "er" / "run").write_text("mine")
    (out / "t" / "big").unlink()
    heard = Heard()
    with pytest.raises(Partial):
        await download(drive, ["t"], str(out), heard)
    assert {kind for _, kind in heard.skipped} == {Exists}
    assert len(heard.skipped) == 4
    assert (out / "t" / "deep" / "er" / "run").read_text() == "mine"
    assert (out / "t" / "big").stat().st_size == 2 * CHUNK + 5


async def test_force_replaces_files_and_links_and_no_folder(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    plant(tmp_path / "t")
    (tmp_path / "t" / "was a folder").write_text("x")
    await put(drive, tmp_path / "t")
    (tmp_path / "out" / "t").mkdir(parents=True)
    out = tmp_path / "out" / "t"
    (out / "deep").mkdir()
    (out / "deep" / "link").write_text("in the way")
    outside = tmp_path / "outside"
    outside.write_text("not to be touched")
    (out / "empty").symlink_to(outside)
    (out / "big").write_text("in the way")
    (out / "was a folder").mkdir()
    heard = Heard()
    with pytest.raises(Partial):
        await download(drive, ["t"], str(tmp_path / "out"), heard, force=True)
    assert [path for path, _ in heard.skipped] == ["/alice/t/was a folder"]
    (out / "was a folder").rmdir()
    (tmp_path / "t" / "was a folder").unlink()
    os.utime(out, ns=(0, (tmp_path / "t").stat().st_mtime_ns))
    os.utime(out / "deep", ns=(0, (tmp_path / "t" / "deep").stat().st_mtime_ns))
    same(tmp_path / "t", out)
    assert outside.read_text() == "not to be touched"


@pytest.mark.parametrize("force", [False, True])
async def test_links_at_the_destination_are_not_followed(tmp_path: Path, force: bool) -> None:
    drive, _ = await new_drive()
    plant(tmp_path / "t")
    await put(drive, tmp_path / "t")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "out" / "t").mkdir(parents=True)
    (tmp_path / "out" / "t" / "deep").symlink_to(elsewhere)
    heard = Heard()
    with pytest.raises(Partial):
        await download(drive, ["t"], str(tmp_path / "out"), heard, force)
    assert list(elsewhere.iterdir()) == []
    assert heard.skipped[0] == ("/alice/t/deep", Unfit)
    assert (tmp_path / "out" / "t" / "big").exists()


async def test_the_named_place_itself_may_be_a_link(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    (tmp_path / "f").write_text("x")
    await put(drive, tmp_path / "f")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    await download(drive, ["f"], str(tmp_path / "link"))
    assert (tmp_path / "real" / "f").read_text() == "x"


async def plant_entry(drive: Drive, space: FakeSpace, path: str, name: str, entry: Entry) -> None:
    """Write an entry as only a hostile program would."""
    found = await resolve(drive, drive.path(path))
    node = await found.folder()
    page = await FolderView(found.reading, node, path).page_of("x")
    page.values[name] = {**entry.value, "name": name}
    body = seal_page(node.header, b"", page.encode())
    leaf = Leaf(node.leaf.lock, node.leaf.header, body)
    space.tree[node.keys.label] = leaf.block.data


@pytest.mark.parametrize("name", ["..", ".", "../../escaped", "/tmp/escaped", "a\0b", ""])
async def test_hostile_names_do_not_escape(tmp_path: Path, name: str) -> None:
    drive, space = await new_drive()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "good").write_text("x")
    await put(drive, tmp_path / "d")
    found = await resolve(drive, drive.path("d/good"))
    assert found.entry is not None
    await plant_entry(drive, space, "d", name, found.entry)
    out = tmp_path / "deep" / "er" / "out"
    out.mkdir(parents=True)
    heard = Heard()
    with pytest.raises(Partial):
        await download(drive, ["d"], str(out), heard)
    assert [kind for _, kind in heard.skipped] == [Damaged]
    assert [path.name for path in (tmp_path / "deep").rglob("*")] == ["er", "out", "d", "good"]


async def test_a_folder_that_contains_itself_ends(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    await mkdir(drive, "a/b", parents=True)
    entry = (await resolve(drive, drive.path("a"))).entry
    assert entry is not None

    async def operation(changing: Changing) -> None:
        edit = home_edit(drive, changing)
        await (await edit.folder(("a", "b"))).put(entry)
        await edit.flush()

    await drive.space.commit(operation)
    heard = Heard()
    with pytest.raises(Partial):
        await download(drive, ["a"], str(tmp_path / "out"), heard)
    assert [kind for _, kind in heard.skipped] == [Unfit]


async def test_a_tree_deeper_than_any_path_ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each level costs as many steps as it is deep: a friend may have made a million."""
    monkeypatch.setattr(walked, "MAX_LEVELS", 3)
    drive, space = await new_drive()
    before = set(space.tree)
    await mkdir(drive, "a/b/c/d", parents=True)
    heard = Heard()
    with pytest.raises(Partial):
        await download(drive, ["a"], str(tmp_path / "out"), heard)
    assert [kind for _, kind in heard.skipped] == [TooLarge]
    assert (tmp_path / "out" / "b" / "c").is_dir()
    assert not (tmp_path / "out" / "b" / "c" / "d").exists()
    await rm(drive, ["a"], recursive=True, forever=True)
    assert set(space.tree) == before


async def test_where_things_go(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    for name in ("f", "g"):
        (tmp_path / name).write_text(name)
        await put(drive, tmp_path / name)
    out = tmp_path / "out"
    await download(drive, ["f"], str(out))
    assert out.read_text() == "f"
    for sources, target, error in (
        (["f"], str(out), Exists), (["f", "g"], str(tmp_path / "none"), NotAFolder),
        (["f"], str(tmp_path / "none") + "/", NotFound), (["gone"], str(tmp_path), NotFound),
        (["f"], str(tmp_path / "none" / "x"), NotFound), (["f/"], str(tmp_path / "n"), NotAFolder),
        (["/bob/x"], str(tmp_path), NotFound),
    ):  # fmt: skip
        with pytest.raises(error):
            await download(drive, sources, target)
    await download(drive, [""], str(tmp_path / "home"))
    assert sorted(os.listdir(tmp_path / "home")) == ["f", "g"]


async def test_a_damaged_tree_gives_everything_else(tmp_path: Path) -> None:
    drive, space = await new_drive()
    plant(tmp_path / "t")
    (tmp_path / "t" / "other").write_bytes(content_of(CHUNK))
    await put(drive, tmp_path / "t")
    keys = (await resolve(drive, drive.path("t/big"))).keys
    assert keys is not None
    segment = space.leaf(keys.chunk_label(1)).segments[0]
    sealed = space.blocks[segment]
    space.blocks[segment] = sealed[:-1] + bytes([sealed[-1] ^ 1])
    del space.tree[await label_of(drive, "t/deep/er")]
    label = await label_of(drive, "t/empty")
    leaf = space.leaf(label)
    assert leaf.body is not None
    flipped = leaf.body[:-1] + bytes([leaf.body[-1] ^ 1])
    space.tree[label] = Leaf(leaf.lock, leaf.header, flipped).block.data
    heard = Heard()
    with pytest.raises(Partial):
        await download(drive, ["t"], str(tmp_path / "out"), heard)
    assert sorted(heard.skipped) == [
        ("/alice/t", Withheld), ("/alice/t/big", Damaged), ("/alice/t/empty", Damaged),
    ]  # fmt: skip
    got = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*"))
    assert got == ["deep", "deep/link", "empty folder", "other", "ünïcödé 日本.txt"]
    messages = [each.error.message for each in heard.summary.skipped]
    assert any("/alice/t/deep/er" in message for message in messages)


async def test_a_home_that_goes_away_ends_it_and_leaves_no_part(tmp_path: Path) -> None:
    drive, space = await new_drive()
    (tmp_path / "f").write_bytes(content_of(4 * CHUNK))
    await put(drive, tmp_path / "f")
    reading = await space.reading()

    class Failing(FakeReading):
        async def segments(self, ref, leaf, positions):  # type: ignore[no-untyped-def]
            if space.count.segment_requests > 1:
                raise Unreachable("the home is down")
            return await super().segments(ref, leaf, positions)

    async def failing() -> Failing:
        return Failing(space, dict(space.tree))

    assert reading.space == space.space
    space.reading = failing  # type: ignore[method-assign]
    with pytest.raises(Unreachable):
        await download(drive, ["f"], str(tmp_path / "out"))
    assert sorted(os.listdir(tmp_path)) == ["f"]


async def test_cancelling_leaves_no_part(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    (tmp_path / "f").write_bytes(content_of(4 * CHUNK))
    await put(drive, tmp_path / "f")
    with trio.CancelScope() as scope:

        async def stop(event: Event) -> None:
            if isinstance(event, Progress):
                scope.cancel()

        await download(drive, ["f"], str(tmp_path / "out"), stop)
    assert scope.cancelled_caught
    assert sorted(os.listdir(tmp_path)) == ["f"]


async def test_a_file_that_is_changed_while_it_is_fetched(tmp_path: Path) -> None:
    drive, space = await new_drive()
    (tmp_path / "f").write_bytes(content_of(4 * CHUNK))
    await put(drive, tmp_path / "f")
    other, _ = drive, space

    class Old(FakeReading):
        """A home that has forgotten this state: everything of a file is refused."""

        async def leaves(self, refs):  # type: ignore[no-untyped-def]
            if any(ref.label not in self._tree for ref in refs) or len(refs) > 1:
                raise Denied("no")
            return await super().leaves(refs)

    old = Old(space, dict(space.tree))
    readings = [old]

    async def reading():  # type: ignore[no-untyped-def]
        if readings:
            return readings.pop()
        (tmp_path / "f").write_bytes(content_of(4 * CHUNK, 2))
        space.reading = original  # type: ignore[method-assign]
        await put(other, tmp_path / "f")
        return await original()

    original = space.reading
    space.reading = reading  # type: ignore[method-assign]
    with pytest.raises(Conflict, match="/alice/f"):
        await download(drive, ["f"], str(tmp_path / "out"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_place_that_may_not_be_written(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    (tmp_path / "f").write_text("x")
    await put(drive, tmp_path / "f")
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(Denied):
        await download(drive, ["f"], str(tmp_path / "closed"))


async def test_thousands_of_files_need_few_requests(tmp_path: Path) -> None:
    drive, space = await new_drive()
    root = tmp_path / "t"
    for folder in range(30):
        (root / str(folder)).mkdir(parents=True)
        for number in range(40):
            (root / str(folder) / str(number)).write_bytes(content_of(10, number))
    await put(drive, root)
    before = space.count.leaf_requests
    await download(drive, ["t"], str(tmp_path / "out"))
    assert space.count.leaf_requests - before < 30
    same(root, tmp_path / "out")
