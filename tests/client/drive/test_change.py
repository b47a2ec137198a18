"""mkdir, mv, rm: what moves and what does not, and that nothing is left behind."""

from pathlib import Path
from random import Random

import pytest

from client.drive import clearing
from client.drive.change import mkdir, mv, rm
from client.drive.drive import Drive
from client.drive.listing import ls_all
from client.drive.resolve import resolve
from client.drive.upload import upload
from formats.errors import (
    BadName,
    Denied,
    Exists,
    IsAFolder,
    NotAFolder,
    NotFound,
    Unfit,
    Unreachable,
)
from formats.leaf import Leaf
from formats.limits import CHUNK
from tests.client.drive.contents import content_of
from tests.client.drive.drives import content, new_drive

EMPTY_DRIVE = 3  # leaves: root, home, system
WITH_JOURNAL = EMPTY_DRIVE + 1


async def names(drive: Drive, path: str = "") -> list[str]:
    prefix = len(str(drive.path(path))) + 1
    return sorted(
        [shown.path[prefix:] async for listed in ls_all(drive, path) for shown in listed.entries]
    )


async def put(drive: Drive, tmp_path: Path, name: str, data: bytes = b"x") -> None:
    (tmp_path / "file").write_bytes(data)
    await upload(drive, [str(tmp_path / "file")], name)


async def test_mkdir() -> None:
    drive, _ = await new_drive()
    assert await mkdir(drive, "a") == "/alice/a"
    await mkdir(drive, "a/b/")
    await mkdir(drive, "/alice/x/y/z", parents=True)
    await mkdir(drive, "x/y", parents=True)
    assert await names(drive) == ["a", "a/b", "x", "x/y", "x/y/z"]
    for path, error in (
        ("a", Exists),
        ("n/m", NotFound),
        ("", Exists),
        ("a/..", BadName),
        ("/bob/a", Denied),
        ("/", Denied),
    ):
        with pytest.raises(error):
            await mkdir(drive, path)


async def test_mkdir_under_a_file(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    await put(drive, tmp_path, "f")
    for parents in (False, True):
        with pytest.raises(NotAFolder):
            await mkdir(drive, "f/a", parents)


async def test_mv_costs_the_same_for_a_tree(tmp_path: Path) -> None:
    drive, space = await new_drive()
    await put(drive, tmp_path, "f", content_of(2 * CHUNK))
    await mkdir(drive, "d/e", parents=True)
    for number in range(50):
        await put(drive, tmp_path, f"d/e/{number}")
    before = dict(space.tree)
    moved = await mv(drive, ["d"], "renamed")
    assert (moved[0].source, moved[0].target) == ("/alice/d", "/alice/renamed")
    changed = [label for label in space.tree if before.get(label) != space.tree[label]]
    assert len(changed) == 1
    assert before.keys() == space.tree.keys()
    await mv(drive, ["f", "renamed/e/7"], "renamed")
    assert len(await names(drive, "renamed")) == 53 - 1
    assert await content(drive, "renamed/f") == content_of(2 * CHUNK)


async def test_where_mv_goes(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    await mkdir(drive, "a/b", parents=True)
    for name in ("f", "g", "h"):
        await put(drive, tmp_path, name, name.encode())
    await mv(drive, ["f"], "a")
    await mv(drive, ["g"], "a/b/renamed")
    await mv(drive, ["a/b"], "")
    assert await names(drive) == ["a", "a/f", "b", "b/renamed", "h"]
    await mv(drive, ["a/f"], "a/F")
    assert await names(drive, "a") == ["F"]
    for sources, target, error in (
        (["a"], "a/b", Unfit), (["a"], "a", Unfit), (["a/F"], "a", Unfit), (["h"], "h", Unfit),
        (["h"], "a/F", Exists), (["gone"], "a", NotFound), (["h"], "gone/x", NotFound),
        (["h", "a/F"], "gone", NotAFolder), (["h"], "gone/", NotAFolder), (["h/"], "a", NotAFolder),
        (["h"], "/bob/x", Denied), (["/bob/x"], "a", Denied), ([""], "a", Unfit),
    ):  # fmt: skip
        before = await names(drive)
        with pytest.raises(error):
            await mv(drive, sources, target)
        assert await names(drive) == before


async def test_a_folder_cannot_go_into_what_is_below_it() -> None:
    drive, _ = await new_drive()
    await mkdir(drive, "a/b/c", parents=True)
    for target in ("a", "a/b", "a/b/c", "a/b/c/new"):
        with pytest.raises(Unfit):
            await mv(drive, ["a"], target)


async def test_mv_with_force_replaces_a_file(tmp_path: Path) -> None:
    drive, space = await new_drive()
    await put(drive, tmp_path, "f", b"new")
    await put(drive, tmp_path, "g", content_of(2 * CHUNK))
    await mkdir(drive, "d/f", parents=True)
    await mv(drive, ["f"], "g", force=True)
    assert await names(drive) == ["d", "d/f", "g"]
    assert await content(drive, "g") == b"new"
    assert len(space.tree) == EMPTY_DRIVE + 3
    assert not space.blocks
    with pytest.raises(Exists):
        await mv(drive, ["d/f"], "g", force=True)
    await put(drive, tmp_path, "f", b"again")
    with pytest.raises(Exists):
        await mv(drive, ["f"], "d", force=True)


async def test_moving_all_or_nothing(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    await mkdir(drive, "d")
    await put(drive, tmp_path, "f")
    with pytest.raises(NotFound):
        await mv(drive, ["f", "gone"], "d")
    assert await names(drive) == ["d", "f"]


async def test_rm_leaves_nothing(tmp_path: Path) -> None:
    drive, space = await new_drive()
    await mkdir(drive, "d/e", parents=True)
    await put(drive, tmp_path, "d/f")
    await put(drive, tmp_path, "d/e/g", content_of(3 * CHUNK))
    await put(drive, tmp_path, "h")
    with pytest.raises(IsAFolder):
        await rm(drive, ["d"])
    removed = await rm(drive, ["d", "h"], recursive=True, forever=True)
    assert removed.paths == ("/alice/d", "/alice/h")
    assert removed.unfinished is None
    assert len(space.tree) == EMPTY_DRIVE
    assert not space.blocks


async def test_rm_of_what_is_not_there() -> None:
    drive, _ = await new_drive()
    for path, error in (("gone", NotFound), ("", Unfit), ("/bob/x", Denied), ("a/b", NotFound)):
        with pytest.raises(error):
            await rm(drive, [path], recursive=True)


async def a_large_tree(drive: Drive, tmp_path: Path) -> None:
    root = tmp_path / "large"
    for folder in range(20):
        (root / f"{folder}" / "deeper").mkdir(parents=True)
        for number in range(30):
            (root / f"{folder}" / "deeper" / f"{number}").touch()
    (root / "huge").write_bytes(content_of(3 * CHUNK))
    for number in range(300):
        (root / f"name {number}").touch()
    await upload(drive, [str(root)])


async def test_rm_of_a_large_tree_is_one_commit_and_then_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "BATCH", 100)
    drive, space = await new_drive()
    await a_large_tree(drive, tmp_path)
    await put(drive, tmp_path, "stays")
    commits = space.count.commits
    removed = await rm(drive, ["large"], recursive=True, forever=True)
    assert removed.unfinished is None
    assert space.count.commits - commits > 5
    assert await names(drive) == ["stays"]
    assert len(space.tree) == WITH_JOURNAL + 1
    assert not space.blocks


@pytest.mark.parametrize("seed", range(5))
async def test_clearing_goes_on_after_it_was_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(clearing, "BATCH", 50)
    drive, space = await new_drive()
    await a_large_tree(drive, tmp_path)

    works = [None] * Random(seed).randrange(2, 15)
    space.failures = [*works, Unreachable("the home is down")]
    removed = await rm(drive, ["large"], recursive=True, forever=True)
    assert isinstance(removed.unfinished, Unreachable)
    assert await names(drive) == []
    assert len(space.tree) > WITH_JOURNAL
    assert await clearing.clear(drive) == 1
    assert len(space.tree) == WITH_JOURNAL
    assert await clearing.clear(drive) == 0


async def test_rm_of_what_is_damaged(tmp_path: Path) -> None:
    drive, space = await new_drive()
    await put(drive, tmp_path, "f")
    await mkdir(drive, "d/e", parents=True)
    await mkdir(drive, "gone")
    for path in ("f", "d"):
        keys = (await resolve(drive, drive.path(path))).keys
        assert keys is not None
        leaf = space.leaf(keys.label)
        assert leaf.header is not None
        damaged = Leaf(leaf.lock, leaf.header[:-1] + b"?", leaf.body)
        space.tree[keys.label] = damaged.block.data
    keys = (await resolve(drive, drive.path("gone"))).keys
    assert keys is not None
    del space.tree[keys.label]
    assert (await rm(drive, ["f", "d", "gone"], recursive=True, forever=True)).unfinished is None
    assert await names(drive) == []
    lost = 1  # d/e cannot be found without d
    assert len(space.tree) == WITH_JOURNAL + lost
