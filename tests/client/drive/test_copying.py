"""cp: nothing moves within a space; everything is sealed anew from another."""

from pathlib import Path

import pytest

from client.drive.change import mkdir, rm
from client.drive.copying import cp
from client.drive.drive import Drive
from client.drive.entry import Entry
from client.drive.listing import ls_all, stat
from client.drive.paths import DrivePath
from client.drive.resolve import resolve
from client.drive.upload import upload
from client.keys import NodeKeys
from client.space.reading import Reading
from formats.errors import Denied, Exists, IsAFolder, NotAFolder, NotFound, Partial, Unfit
from formats.limits import CHUNK, INLINE
from tests.client.drive.contents import content_of
from tests.client.drive.drives import Heard, content, new_drive
from tests.client.drive.test_upload import plant, tree_of
from tests.client.fakes import FakeSpace


class Bobs:
    """What bob shares: his home."""

    def __init__(self, drive: Drive) -> None:
        self.drive = drive

    async def people(self) -> list[str]:
        return ["bob"]

    async def open(self, person: str, share: str | None = None) -> tuple[Reading, NodeKeys]:
        if person != "bob":
            raise NotFound(f"/{person} is nobody you know")
        found = await resolve(self.drive, self.drive.path(""))
        assert found.keys is not None
        return await self.drive.space.reading(), found.keys

    async def mounted(self, owner: bytes, space: bytes, keys: NodeKeys) -> Reading:
        raise Denied("no")

    async def spaces(self) -> list[str]:
        return []

    async def within(self, outer: Drive, path: DrivePath, entry: Entry) -> Drive | None:
        return None


async def two_drives() -> tuple[Drive, Drive]:
    bob, _ = await new_drive("bob", FakeSpace(space=b"b" * 32))
    alice, _ = await new_drive()
    alice.shares = Bobs(bob)
    return alice, bob


async def test_a_copy_moves_no_data(tmp_path: Path) -> None:
    drive, space = await new_drive()
    data = content_of(3 * CHUNK + 7)
    (tmp_path / "f").write_bytes(data)
    await upload(drive, [str(tmp_path / "f")])
    blocks, stages = dict(space.blocks), space.count.stages
    await cp(drive, ["f"], "g")
    assert (space.blocks, space.count.stages) == (blocks, stages)
    assert await content(drive, "g") == data
    first, second = await stat(drive, "f"), await stat(drive, "g")
    assert first.id != second.id
    assert (first.size, first.modified) == (second.size, second.modified)
    await rm(drive, ["f"])
    assert await content(drive, "g") == data
    await cp(drive, ["g"], "h")
    await rm(drive, ["g"])
    assert await content(drive, "h") == data


async def test_writing_to_a_copy_leaves_the_other_alone(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    (tmp_path / "f").write_bytes(content_of(CHUNK))
    await upload(drive, [str(tmp_path / "f")])
    await cp(drive, ["f"], "g")
    (tmp_path / "f").write_bytes(content_of(CHUNK, 2))
    await upload(drive, [str(tmp_path / "f")], "g")
    assert await content(drive, "f") == content_of(CHUNK)
    assert await content(drive, "g") == content_of(CHUNK, 2)
    assert (await stat(drive, "g")).generation == 1


async def test_a_tree(tmp_path: Path) -> None:
    drive, space = await new_drive()
    plant(tmp_path / "t")
    await upload(drive, [str(tmp_path / "t")])
    blocks = dict(space.blocks)
    await cp(drive, ["t"], "u", recursive=True)
    assert space.blocks == blocks
    t, u = await tree_of(drive, "t"), await tree_of(drive, "u")
    assert {path.replace("/t", "/u", 1): kind for path, kind in t.items()} == u
    assert await content(drive, "u/big") == await content(drive, "t/big")
    for path in ("deep/er", "deep/er/run", "empty"):
        first, second = await stat(drive, f"t/{path}"), await stat(drive, f"u/{path}")
        assert (first.modified, first.executable) == (second.modified, second.executable)


async def test_from_somebody_elses_space(tmp_path: Path) -> None:
    alice, bob = await two_drives()
    plant(tmp_path / "t")
    await upload(bob, [str(tmp_path / "t")])
    summary = await cp(alice, ["/bob/t"], "", recursive=True)
    assert summary.bytes == 2 * CHUNK + 5 + 1 + 10
    theirs, mine = await tree_of(bob, "t"), await tree_of(alice, "t")
    assert {path.replace("/bob", "/alice"): kind for path, kind in theirs.items()} == mine
    for path in ("t/big", "t/empty", "t/deep/er/run"):
        assert await content(alice, path) == await content(bob, path)
        assert (await stat(alice, path)).modified == (await stat(bob, path)).modified
    await rm(bob, ["t"], recursive=True)
    assert await content(alice, "t/big") == content_of(2 * CHUNK + 5)


async def test_where_copies_go(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    await mkdir(drive, "d/e", parents=True)
    (tmp_path / "f").write_text("one")
    await upload(drive, [str(tmp_path / "f")])
    await cp(drive, ["f"], "d")
    await cp(drive, ["f"], "d/g")
    await cp(drive, ["d"], "d2", recursive=True)
    await cp(drive, ["d"], "d2", recursive=True)
    shown = [shown.path async for listed in ls_all(drive, "d2") for shown in listed.entries]
    assert sorted(shown) == [
        "/alice/d2/d", "/alice/d2/d/e", "/alice/d2/d/f", "/alice/d2/d/g",
        "/alice/d2/e", "/alice/d2/f", "/alice/d2/g",
    ]  # fmt: skip
    for sources, target, error in (
        (["d"], "x", IsAFolder), (["gone"], "x", NotFound), (["f"], "gone/x", NotFound),
        (["f", "d/f"], "gone", NotAFolder), (["f"], "f", Unfit), (["f"], "d", Exists),
        (["f"], "/bob/x", Denied), (["f"], "gone/", NotAFolder),
    ):  # fmt: skip
        with pytest.raises(error):
            await cp(drive, sources, target)
    for target in ("d", "d/e", "d/e/new"):
        with pytest.raises(Unfit):
            await cp(drive, ["d"], target, recursive=True)


@pytest.mark.parametrize("size", [5, INLINE + 1, CHUNK + 1])
async def test_with_force_a_file_gets_a_new_version(tmp_path: Path, size: int) -> None:
    drive, space = await new_drive()
    for name, length in (("f", size), ("g", 2 * CHUNK + 9)):
        (tmp_path / name).write_bytes(content_of(length))
        await upload(drive, [str(tmp_path / name)])
    file_id = (await stat(drive, "g")).id
    await cp(drive, ["f"], "g", force=True)
    assert await content(drive, "g") == content_of(size)
    assert (await stat(drive, "g")).id == file_id
    assert space.blocks.keys() == space.named()


async def test_what_is_damaged_is_told_and_spares_the_rest(tmp_path: Path) -> None:
    drive, space = await new_drive()
    plant(tmp_path / "t")
    await upload(drive, [str(tmp_path / "t")])
    keys = (await resolve(drive, drive.path("t/big"))).keys
    assert keys is not None
    del space.tree[keys.chunk_label(1)]
    keys = (await resolve(drive, drive.path("t/deep"))).keys
    assert keys is not None
    del space.tree[keys.label]
    heard = Heard()
    with pytest.raises(Partial):
        await cp(drive, ["t"], "u", recursive=True, on_event=heard)
    assert len(heard.skipped) == 2
    assert set(await tree_of(drive, "u")) == {
        "/alice/u/empty folder", "/alice/u/empty", "/alice/u/ünïcödé 日本.txt",
    }  # fmt: skip
