"""The trash: rm moves there, and what is there comes back as it was."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from client.drive import trash as trash_file
from client.drive.change import mkdir, mv, rm
from client.drive.clearing import clear
from client.drive.drive import Drive, Forgetful
from client.drive.edit import TreeEdit
from client.drive.listing import Wanted, du, find, ls, ls_all, stat
from client.drive.trash import beside, empty, restore, trash, trash_usage
from client.drive.upload import upload
from client.space.reading import Changing
from formats.errors import (
    Denied,
    DiskFull,
    HoldfastError,
    Malformed,
    NotAFolder,
    NotFound,
    QuotaExceeded,
    Unreachable,
)
from formats.limits import CHUNK, NAME, PATH
from formats.names import check_name
from tests.client.drive.contents import content_of
from tests.client.drive.drives import NOW, content, new_drive

WITH_TRASH = 4  # leaves: root, home, system, trash


async def put(drive: Drive, tmp_path: Path, name: str, data: bytes = b"x") -> None:
    (tmp_path / "file").write_bytes(data)
    await upload(drive, [str(tmp_path / "file")], name)


async def names(drive: Drive, path: str = "") -> list[str]:
    prefix = len(str(drive.path(path))) + 1
    return sorted(
        [shown.path[prefix:] async for listed in ls_all(drive, path) for shown in listed.entries]
    )


def at(drive: Drive, later: int) -> Drive:
    """The same drive, so many milliseconds later, on another device."""
    return replace(drive, now=lambda: NOW + later, device="phone")


async def test_rm_moves_whatever_there_is_in_one_small_commit(tmp_path: Path) -> None:
    drive, space = await new_drive()
    root = tmp_path / "photos"
    (root / "deep").mkdir(parents=True)
    for number in range(400):
        (root / "deep" / f"{number}.jpg").write_bytes(b"x")
    (root / "huge").write_bytes(content_of(3 * CHUNK))
    await upload(drive, [str(root)])
    before, commits = dict(space.tree), space.count.commits
    read = space.count.leaves
    removed = await rm(drive, ["photos"], recursive=True)
    assert space.count.commits == commits + 1
    changed = {label for label in space.tree if before.get(label) != space.tree[label]}
    assert len(changed) == 3  # the home, system, and the trash
    assert before.keys() <= space.tree.keys()
    assert space.count.leaves - read < 10
    (thing,), problems = await trash(drive)
    assert not problems
    assert (str(thing.path), thing.removed, thing.shared) == ("/alice/photos", NOW, False)
    assert removed.ids == (thing.id,)
    usage = await trash_usage(drive)
    assert (usage.files, usage.bytes) == (401, 400 + 3 * CHUNK)


async def test_what_is_in_the_trash_is_nowhere_else(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    await mkdir(drive, "d")
    await put(drive, tmp_path, "d/f", b"12345")
    await rm(drive, ["d"], recursive=True)
    assert (await ls(drive, "")).entries == ()
    usage = await du(drive, "")
    assert (usage.files, usage.folders, usage.bytes) == (0, 1, 0)
    assert [each async for each in find(drive, "", Wanted(name="*"))] == []
    with pytest.raises(NotFound):
        await stat(drive, "d")


async def test_a_file_comes_back_with_all_it_had(tmp_path: Path) -> None:
    drive, space = await new_drive()
    await mkdir(drive, "bin")
    (tmp_path / "run").write_bytes(b"#!/bin/sh")
    os.chmod(tmp_path / "run", 0o755)
    os.utime(tmp_path / "run", ns=(1, 1_234_567_890_123_456_789))
    os.symlink("run", tmp_path / "link")
    await upload(drive, [str(tmp_path / "run"), str(tmp_path / "link")], "bin")
    was, tree = await stat(drive, "bin/run"), dict(space.tree)
    await rm(drive, ["bin/run", "bin/link"])
    assert await names(drive, "bin") == []
    (back,) = await restore(at(drive, 5), ["bin/run"])
    assert (back.source, back.target) == ("/alice/bin/run", "/alice/bin/run")
    await restore(drive, ["/alice/bin/link"])
    assert await stat(drive, "bin/run") == was
    assert (await stat(drive, "bin/link")).target == "run"
    assert await content(drive, "bin/run") == b"#!/bin/sh"
    assert await trash(drive) == ([], [])
    assert len(space.tree) == len(tree) + 1  # the trash itself stays


async def test_a_whole_tree_comes_back_at_once(tmp_path: Path) -> None:
    drive, space = await new_drive()
    await mkdir(drive, "a/b/c", parents=True)
    await put(drive, tmp_path, "a/b/f", content_of(2 * CHUNK))
    before = await names(drive)
    await rm(drive, ["a"], recursive=True)
    commits = space.count.commits
    await restore(drive, ["a"])
    assert space.count.commits == commits + 1
    assert await names(drive) == before
    assert await content(drive, "a/b/f") == content_of(2 * CHUNK)


async def test_what_has_the_name_now_stays(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    for number in range(3):
        await put(drive, tmp_path, "a.tar.gz", b"%d" % number)
        await rm(at(drive, number), ["a.tar.gz"])
    await put(drive, tmp_path, "a.tar.gz", b"now")
    targets = [(await restore(drive, ["a.tar.gz"]))[0].target for _ in range(3)]
    assert targets == [
        "/alice/a.tar (restored).gz",
        "/alice/a.tar (restored 2).gz",
        "/alice/a.tar (restored 3).gz",
    ]
    assert await content(drive, "a.tar.gz") == b"now"
    assert [await content(drive, target) for target in targets] == [b"2", b"1", b"0"]


async def test_the_newest_of_a_path_is_meant_and_an_id_means_one(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    for number in range(3):
        await put(drive, tmp_path, "f", b"%d" % number)
        await rm(at(drive, number), ["f"])
    newest, middle, oldest = (await trash(drive))[0]
    assert [newest.removed, middle.removed, oldest.removed] == [NOW + 2, NOW + 1, NOW]
    assert newest.device == "phone"
    await restore(drive, [middle.id])
    assert await content(drive, "f") == b"1"
    assert [each.id for each in (await trash(drive))[0]] == [newest.id, oldest.id]


async def test_folders_on_the_way_are_made_again(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    await mkdir(drive, "a/b", parents=True)
    await put(drive, tmp_path, "a/b/f", b"1")
    await rm(drive, ["a/b/f"])
    await rm(drive, ["a"], recursive=True)
    await restore(drive, ["a/b/f"])
    assert await names(drive) == ["a", "a/b", "a/b/f"]
    assert (await restore(drive, ["a"]))[0].target == "/alice/a (restored)"


async def test_to_another_folder_and_where_it_cannot_go(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    await mkdir(drive, "a")
    await put(drive, tmp_path, "a/f", b"1")
    await rm(drive, ["a/f"])
    await rm(drive, ["a"], recursive=True)
    await put(drive, tmp_path, "a")
    with pytest.raises(NotAFolder):
        await restore(drive, ["a/f"])
    assert len((await trash(drive))[0]) == 2
    assert (await restore(drive, ["a/f"], to="rescued"))[0].target == "/alice/rescued/f"
    for name, error in (("gone", NotFound), ("/bob/x", Denied), ("a/f", NotFound)):
        with pytest.raises(error):
            await restore(drive, [name])


async def test_restoring_is_all_or_nothing(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    await put(drive, tmp_path, "f")
    await rm(drive, ["f"])
    with pytest.raises(NotFound):
        await restore(drive, ["f", "g"])
    assert await names(drive) == []
    assert len((await trash(drive))[0]) == 1


async def test_removing_a_thing_and_what_is_in_it_in_one_go(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    await mkdir(drive, "a")
    await put(drive, tmp_path, "a/f", b"1")
    await rm(drive, ["a/f", "a"], recursive=True)
    await restore(drive, ["a", "a/f"])
    assert await names(drive) == ["a", "a/f"]


async def test_a_longest_path_has_room() -> None:
    drive, _ = await new_drive()
    parts = ["n" * 200] * ((PATH - len("/alice")) // 201)
    path = "/".join(parts)
    await mkdir(drive, path, parents=True)
    await rm(drive, [path], recursive=True)
    await restore(drive, [path])
    assert (await stat(drive, path)).count == 0


async def test_emptying_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trash_file, "TOGETHER", 3)
    drive, space = await new_drive()
    for number in range(10):
        await mkdir(drive, f"{number}/deep", parents=True)
        await put(drive, tmp_path, f"{number}/deep/f", b"x")
    await put(drive, tmp_path, "large", content_of(3 * CHUNK))
    await rm(drive, [*map(str, range(10)), "large"], recursive=True)
    done = await empty(drive)
    assert (done.count, done.unfinished) == (11, None)
    assert len(space.tree) == WITH_TRASH
    assert not space.blocks
    assert (await empty(drive)).count == 0


async def test_emptying_what_is_old_or_named(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    for number in range(4):
        await put(drive, tmp_path, f"{number}")
        await rm(at(drive, number), [f"{number}"])
    assert (await empty(drive, older_than=NOW + 2)).count == 2
    assert [str(each.path) for each in (await trash(drive))[0]] == ["/alice/3", "/alice/2"]
    assert (await empty(drive, ["3"])).count == 1
    with pytest.raises(NotFound):
        await empty(drive, ["2", "3"])
    assert [str(each.path) for each in (await trash(drive))[0]] == ["/alice/2"]


async def test_two_devices_at_once(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    await put(drive, tmp_path, "f")
    other = at(drive, 1)
    done: list[object] = []

    async def try_it(work: Callable[[], object]) -> None:
        try:
            done.append(await work())  # type: ignore[misc]
        except NotFound:
            done.append("late")

    async def both(one: Callable[[], object], two: Callable[[], object]) -> None:
        done.clear()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(try_it, one)
            nursery.start_soon(try_it, two)
        assert done.count("late") == 1

    await both(lambda: rm(drive, ["f"]), lambda: rm(other, ["f"]))
    assert len((await trash(drive))[0]) == 1
    await both(lambda: restore(drive, ["f"]), lambda: restore(other, ["f"]))
    assert await names(drive) == ["f"]
    await rm(drive, ["f"])
    await both(lambda: restore(drive, ["f"]), lambda: empty(other, ["f"]))


@pytest.mark.parametrize("calls", range(6))
async def test_cut_off_while_emptying_it_goes_on(tmp_path: Path, calls: int) -> None:
    drive, space = await new_drive()
    for number in range(3):
        root = tmp_path / f"{number}"
        root.mkdir()
        for name in range(300):
            (root / f"{name}").touch()
        await upload(drive, [str(root)])
    await rm(drive, ["0", "1", "2"], recursive=True)
    space.failures = [*[None] * calls, Unreachable("the home is down")]
    try:
        finished = (await empty(drive)).unfinished is None
    except Unreachable:
        finished = False
    space.failures = []
    there, problems = await trash(drive)
    assert not problems
    assert finished or there or await clear(drive)
    await empty(drive)
    await clear(drive)
    assert len(space.tree) == WITH_TRASH + 1  # and the journal


async def test_what_says_nothing_is_told_and_goes_with_all() -> None:
    drive, space = await new_drive()
    await mkdir(drive, "d")
    await rm(drive, ["d"], recursive=True)

    async def spoil(changing: Changing) -> None:
        edit = TreeEdit(changing, drive.root, "")
        folder = await trash_file.trash_folder(drive, edit)
        (entry,) = (await folder.listing()).entries
        await folder.put(replace(entry, extra={"trash": {"path": "", "removed": -1}}))
        await edit.flush()

    await space.commit(spoil)
    there, problems = await trash(drive)
    assert (there, [type(each) for each in problems]) == ([], [Malformed])
    assert (await empty(drive)).count == 1
    assert await trash(drive) == ([], [])


class Yielding(Forgetful):
    """A past that can be given up so many times."""

    def __init__(self, times: int) -> None:
        self.times = times

    async def let_go(self, before: int) -> int:
        self.times -= 1
        return max(0, self.times + 1)


@pytest.mark.parametrize("kind", [QuotaExceeded, DiskFull])
async def test_emptying_without_room_gives_up_old_versions_first(
    kind: type[HoldfastError], tmp_path: Path
) -> None:
    drive, space = await new_drive()
    await put(drive, tmp_path, "f")
    await rm(drive, ["f"])
    drive.past = past = Yielding(1)
    space.failures = [kind("no room")]
    assert (await empty(drive)).count == 1
    assert past.times == 0
    await put(drive, tmp_path, "f")
    await rm(drive, ["f"])
    space.failures = [kind("no room")]
    with pytest.raises(kind):
        await empty(drive)
    space.failures = []
    assert len((await trash(drive))[0]) == 1


async def test_rm_forever_goes_past_it(tmp_path: Path) -> None:
    drive, space = await new_drive()
    await put(drive, tmp_path, "f")
    removed = await rm(drive, ["f"], forever=True)
    assert removed.ids == ("",)
    assert await trash(drive) == ([], [])
    assert len(space.tree) == WITH_TRASH - 1


async def test_it_moves_through_a_rename_of_the_folder(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    await mkdir(drive, "a")
    await put(drive, tmp_path, "a/f")
    await rm(drive, ["a/f"])
    await mv(drive, ["a"], "b")
    await restore(drive, ["a/f"])
    assert await names(drive) == ["a", "a/f", "b"]


@given(st.text(min_size=1, max_size=300), st.integers(1, 999))
def test_any_name_has_names_beside_it(text: str, number: int) -> None:
    try:
        name = check_name(text[: NAME // 4])
    except Exception:  # noqa: BLE001  # no name at all
        return
    other = beside(name, number)
    assert check_name(other) == other != name
    assert beside(name, number + 1) != other


def test_names_beside_the_longest() -> None:
    assert len(beside("é" * 127, 2).encode()) <= NAME
    assert beside(".bashrc", 1) == ".bashrc (restored)"
    assert beside("a.jpg", 1) == "a (restored).jpg"
    assert beside("x" * 250 + ".jpg", 7).endswith(" (restored 7).jpg")
