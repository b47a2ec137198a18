"""Putting local trees: what arrives, what is told, what is committed."""

import os
import socket
from pathlib import Path

import pytest

from client.drive.change import mv
from client.drive.drive import Drive
from client.drive.entry import Kind
from client.drive.events import Event, FileDone, KeptBoth, Progress, Started
from client.drive.intake.batch import MAX_ITEMS
from client.drive.listing import ls, ls_all, stat
from client.drive.local import FEW
from client.drive.upload import upload
from formats.errors import (
    BadName,
    Conflict,
    Denied,
    Exists,
    IsAFolder,
    NotAFolder,
    NotFound,
    Partial,
    QuotaExceeded,
    Unfit,
)
from formats.limits import CHUNK, INLINE, SEGMENT
from tests.client.drive.contents import content_of
from tests.client.drive.drives import Heard, content, new_drive

SIZES = [0, 1, INLINE - 1, INLINE, INLINE + 1, SEGMENT, SEGMENT + 1, CHUNK - 1, CHUNK, CHUNK + 1]


async def tree_of(drive: Drive, path: str = "") -> dict[str, str]:
    """Everything below a path: kind by path."""
    return {
        shown.path: shown.kind async for listed in ls_all(drive, path) for shown in listed.entries
    }


def plant(root: Path) -> None:
    """A small tree with one of everything that can be taken in."""
    (root / "empty folder").mkdir(parents=True)
    (root / "deep" / "er").mkdir(parents=True)
    (root / "empty").touch()
    (root / "ünïcödé 日本.txt").write_text("x")
    (root / "deep" / "er" / "run").write_text("#!/bin/sh\n")
    (root / "deep" / "er" / "run").chmod(0o755)
    (root / "big").write_bytes(content_of(2 * CHUNK + 5))
    (root / "deep" / "link").symlink_to("../nowhere")
    os.utime(root / "empty", ns=(5, 1_234_567_890_123_456_789))
    os.utime(root / "deep" / "er", ns=(5, 7_000_000_007))


async def test_a_tree_arrives(tmp_path: Path) -> None:
    drive, space = await new_drive()
    plant(tmp_path / "t")
    heard = Heard()
    summary = await upload(drive, [str(tmp_path / "t")], "", heard)
    assert await tree_of(drive) == {
        "/alice/t": "folder",
        "/alice/t/empty folder": "folder",
        "/alice/t/deep": "folder",
        "/alice/t/deep/er": "folder",
        "/alice/t/deep/er/run": "file",
        "/alice/t/deep/link": "link",
        "/alice/t/empty": "file",
        "/alice/t/ünïcödé 日本.txt": "file",
        "/alice/t/big": "file",
    }
    assert (summary.files, summary.folders, summary.links) == (4, 4, 1)
    assert summary.bytes == 2 * CHUNK + 5 + 1 + 10
    assert await content(drive, "t/big") == content_of(2 * CHUNK + 5)
    assert (await stat(drive, "t/empty")).modified == 1_234_567_890_123_456_789
    assert (await stat(drive, "t/deep/er")).modified == 7_000_000_007
    assert (await stat(drive, "t/deep/er/run")).executable
    assert (await stat(drive, "t/deep/link")).target == "../nowhere"
    assert not space.sessions
    assert space.blocks.keys() == space.named()


@pytest.mark.parametrize("size", SIZES)
async def test_sizes(tmp_path: Path, size: int) -> None:
    drive, _ = await new_drive()
    (tmp_path / "f").write_bytes(content_of(size))
    await upload(drive, [str(tmp_path / "f")], "g")
    assert await content(drive, "g") == content_of(size)
    assert (await ls(drive, "")).entries[0].size == size


@pytest.mark.parametrize("before", [5, INLINE + 1, 3 * CHUNK])
@pytest.mark.parametrize("after", [0, INLINE + 1, CHUNK, 2 * CHUNK + 1])
async def test_a_new_version(tmp_path: Path, before: int, after: int) -> None:
    drive, space = await new_drive()
    (tmp_path / "f").write_bytes(content_of(before))
    await upload(drive, [str(tmp_path / "f")])
    first = await stat(drive, "f")
    (tmp_path / "f").write_bytes(content_of(after, 2))
    await upload(drive, [str(tmp_path / "f")])
    second = await stat(drive, "f")
    assert await content(drive, "f") == content_of(after, 2)
    assert second.id == first.id
    assert (first.generation, second.generation) == (0, 1)
    assert second.created == first.created
    fixed = 4  # root, home, system; and the file's header leaf
    assert len(space.tree) == fixed + (-(-after // CHUNK) if after > INLINE else 0)
    assert space.blocks.keys() == space.named()


async def test_where_things_go(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x").touch()
    (tmp_path / "f").touch()
    await upload(drive, [str(tmp_path / "d")], "new")
    assert set(await tree_of(drive)) == {"/alice/new", "/alice/new/x"}
    await upload(drive, [str(tmp_path / "d"), str(tmp_path / "f")], "new")
    assert set(await tree_of(drive, "new")) == {
        "/alice/new/d",
        "/alice/new/d/x",
        "/alice/new/x",
        "/alice/new/f",
    }
    await upload(drive, [str(tmp_path / "f")], "new/renamed")
    assert (await stat(drive, "new/renamed")).kind == "file"
    with pytest.raises(NotFound):
        await upload(drive, [str(tmp_path / "f"), str(tmp_path / "d")], "nowhere")
    with pytest.raises(NotFound):
        await upload(drive, [str(tmp_path / "f")], "not/there/f")
    with pytest.raises(NotFound):
        await upload(drive, [str(tmp_path / "f")], "not-there/")
    with pytest.raises(NotAFolder):
        await upload(drive, [str(tmp_path / "d")], "new/f")
    with pytest.raises(NotAFolder):
        await upload(drive, [str(tmp_path / "f")], "new/f/")
    with pytest.raises(Denied):
        await upload(drive, [str(tmp_path / "f")], "/bob/")
    with pytest.raises(NotFound, match="gone"):
        await upload(drive, [str(tmp_path / "gone")])


async def test_a_folder_is_merged(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a").write_text("1")
    await upload(drive, [str(tmp_path / "d")])
    secret = (await stat(drive, "d")).id
    (tmp_path / "d" / "a").write_text("2")
    (tmp_path / "d" / "b").write_text("3")
    await upload(drive, [str(tmp_path / "d")])
    assert await content(drive, "d/a") == b"2"
    assert await content(drive, "d/b") == b"3"
    assert (await stat(drive, "d")).id == secret


async def test_updating_takes_in_only_what_changed(tmp_path: Path) -> None:
    drive, space = await new_drive()
    plant(tmp_path / "t")
    await upload(drive, [str(tmp_path / "t")])
    commits, staged = space.count.commits, space.count.stages
    summary = await upload(drive, [str(tmp_path / "t")], update=True)
    assert (summary.files, summary.unchanged, summary.bytes) == (0, 4, 0)
    assert space.count.stages == staged
    (tmp_path / "t" / "empty").write_text("not any more")
    (tmp_path / "t" / "big").write_bytes(content_of(2 * CHUNK + 5, 9))  # same size, newer
    (tmp_path / "t" / "new").write_text("new")
    heard = Heard()
    summary = await upload(drive, [str(tmp_path / "t")], "", heard, update=True)
    assert (summary.files, summary.unchanged) == (3, 2)
    assert await content(drive, "t/empty") == b"not any more"
    assert await content(drive, "t/big") == content_of(2 * CHUNK + 5, 9)
    assert await content(drive, "t/new") == b"new"
    assert space.count.commits > commits
    progress = [event for event in heard.events if isinstance(event, Progress)][-1]
    assert (progress.files, progress.total_files) in {(2, 3), (3, 3), (1, 3), (0, 3)}
    assert progress.bytes == progress.total_bytes == 2 * CHUNK + 5 + 12 + 3


async def test_what_cannot_be_taken_in_is_told_and_spares_the_rest(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    root = tmp_path / "t"
    root.mkdir()
    (root / "good").write_text("x")
    (root / os.fsdecode(b"not utf-8 \xff")).touch()
    (root / "control \x1b").touch()
    (root / "e\u0301").touch()
    (root / "\u00e9").touch()
    os.mkfifo(root / "pipe")
    (root / "long link").symlink_to(os.fsdecode(b"\xfe"))
    sock = socket.socket(socket.AF_UNIX)
    cwd = os.getcwd()
    os.chdir(root)
    sock.bind("socket")
    os.chdir(cwd)
    heard = Heard()
    with pytest.raises(Partial, match="6 of"):
        await upload(drive, [str(root)], "", heard)
    sock.close()
    assert set(await tree_of(drive, "t")) == {"/alice/t/good", "/alice/t/é"}
    kinds = {path.removeprefix(f"{root}/"): kind for path, kind in heard.skipped}
    assert kinds == {
        "not utf-8 \\xff": BadName,
        "control \x1b": BadName,
        "\u00e9": Exists,
        "pipe": Unfit,
        "socket": Unfit,
        "long link": Unfit,
    }
    assert len(heard.summary.skipped) == 6


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_unreadable_files_and_folders(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    root = tmp_path / "t"
    (root / "closed").mkdir(parents=True)
    (root / "file").write_text("x")
    (root / "large").write_bytes(content_of(INLINE + 1))
    (root / "good").write_text("y")
    for name in ("closed", "file", "large"):
        (root / name).chmod(0)
    heard = Heard()
    with pytest.raises(Partial):
        await upload(drive, [str(root)], "", heard)
    (root / "closed").chmod(0o700)
    assert {kind for _, kind in heard.skipped} == {Denied}
    assert set(await tree_of(drive, "t")) == {"/alice/t/good", "/alice/t/closed"}


async def test_a_file_that_grows_while_it_is_found(tmp_path: Path) -> None:
    drive, space = await new_drive()
    many = tmp_path / "many"
    many.mkdir()
    await upload(drive, [str(many)])
    for number in range(FEW + 1):  # fewer would be read as they are found
        (many / f"{number}").write_bytes(b"small")

    async def listen(event: Event) -> None:
        if isinstance(event, Started):  # what was found is looked for in the drive, then read
            space.on_reading = lambda: (many / "1").write_bytes(content_of(INLINE * 2))

    await upload(drive, [str(many)], "", listen)
    assert await content(drive, "many/0") == b"small"
    assert await content(drive, "many/1") == content_of(INLINE * 2)


async def test_a_file_that_keeps_changing_is_told(tmp_path: Path) -> None:
    drive, space = await new_drive()
    target = tmp_path / "f"
    target.write_bytes(content_of(CHUNK + 1))
    (tmp_path / "g").write_bytes(content_of(CHUNK + 1))

    async def touch() -> None:
        with target.open("ab") as file:
            file.write(b"more")

    space.on_stage = touch
    heard = Heard()
    with pytest.raises(Partial):
        await upload(drive, [str(target), str(tmp_path / "g")], "", heard)
    assert heard.skipped == [(str(target), Conflict)]
    assert set(await tree_of(drive)) == {"/alice/g"}


async def test_a_file_that_changes_once_is_read_again(tmp_path: Path) -> None:
    drive, space = await new_drive()
    target = tmp_path / "f"
    target.write_bytes(content_of(CHUNK + 1))

    async def once() -> None:
        space.on_stage = None
        target.write_bytes(content_of(CHUNK + 9, 3))

    space.on_stage = once
    await upload(drive, [str(target)])
    assert await content(drive, "f") == content_of(CHUNK + 9, 3)


async def test_kinds_that_do_not_fit(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    one, two = tmp_path / "1" / "t", tmp_path / "2" / "t"
    for root in (one, two):
        root.mkdir(parents=True)
    (one / "a").mkdir()
    (one / "a" / "x").touch()
    (one / "b").touch()
    (one / "c").symlink_to("x")
    (one / "d").touch()
    (two / "a").touch()
    (two / "b").mkdir()
    (two / "b" / "y").touch()
    (two / "c").write_text("a file now")
    (two / "d").symlink_to("x")
    await upload(drive, [str(one)])
    heard = Heard()
    with pytest.raises(Partial):
        await upload(drive, [str(two)], "", heard)
    kinds = {path.removeprefix(f"{two}/"): kind for path, kind in heard.skipped}
    assert kinds == {"a": IsAFolder, "b": NotAFolder, "d": Exists}
    assert await content(drive, "t/c") == b"a file now"


async def test_two_sources_with_one_name(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    for folder, text in (("1", "first"), ("2", "second")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "f").write_text(text)
    heard = Heard()
    with pytest.raises(Partial):
        await upload(drive, [str(tmp_path / "1" / "f"), str(tmp_path / "2" / "f")], "", heard)
    assert heard.skipped == [(str(tmp_path / "2" / "f"), Exists)]
    assert await content(drive, "f") == b"first"


async def test_a_named_link_is_taken_in_as_a_link(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    await upload(drive, [str(tmp_path / "link")])
    assert (await stat(drive, "link")).kind == "link"


async def test_many_small_files_are_few_commits(tmp_path: Path) -> None:
    drive, space = await new_drive()
    for number in range(1000):
        (tmp_path / f"{number:04}").write_bytes(content_of(500, number))
    before = space.count.commits
    await upload(drive, [str(tmp_path)], "many")
    assert space.count.commits - before == 1
    assert space.count.stages == 0
    assert len((await ls(drive, "many")).entries) == 1000
    assert await content(drive, "many/0777") == content_of(500, 777)


async def test_more_than_one_commit_holds(tmp_path: Path) -> None:
    drive, space = await new_drive()
    root = tmp_path / "many"
    root.mkdir()
    for number in range(MAX_ITEMS + 10):
        (root / str(number)).touch()
    before = space.count.commits
    await upload(drive, [str(root)])
    assert space.count.commits - before == 2
    assert len((await ls(drive, "many")).entries) == MAX_ITEMS + 10


async def test_progress_counts_what_is_durable(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    (tmp_path / "big").write_bytes(content_of(3 * CHUNK))
    (tmp_path / "small").write_bytes(content_of(10))
    heard = Heard()
    await upload(drive, [str(tmp_path / "big"), str(tmp_path / "small")], "", heard)
    moved = [each.bytes for each in heard.events if isinstance(each, Progress)]
    assert moved == sorted(moved)
    assert moved[-1] == 3 * CHUNK + 10
    last = [each for each in heard.events if isinstance(each, Progress)][-1]
    assert (last.total_files, last.total_bytes) == (2, 3 * CHUNK + 10)
    done = {each.path: each.kind for each in heard.events if isinstance(each, FileDone)}
    assert done == {"/alice/big": Kind.FILE, "/alice/small": Kind.FILE}


async def test_somebody_else_makes_the_same_file(tmp_path: Path) -> None:
    drive, space = await new_drive()
    (tmp_path / "f").write_text("mine")
    other = tmp_path / "other" / "f"
    other.parent.mkdir()
    other.write_text("theirs")

    elsewhere = Drive(drive.name, space, drive.root, drive.now)

    async def somebody_else() -> None:
        await upload(elsewhere, [str(other)])

    space.before_commit.append(somebody_else)
    heard = Heard()
    with pytest.raises(Conflict):
        await upload(drive, [str(tmp_path / "f")], on_event=heard)
    beside = "f (conflict from device 2023-11-14)"
    assert KeptBoth("/alice/f", f"/alice/{beside}") in heard.events
    assert (heard.summary.files, heard.summary.kept_both) == (1, 1)
    assert await content(drive, "f") == b"theirs"
    assert await content(drive, beside) == b"mine"
    space.before_commit.append(somebody_else)
    (tmp_path / "f").write_text("mine again")
    with pytest.raises(Conflict):
        await upload(drive, [str(tmp_path / "f")])
    assert await content(drive, f"{beside[:-1]}, 2)") == b"mine again"


async def test_somebody_else_changes_a_large_file(tmp_path: Path) -> None:
    drive, space = await new_drive("alice")
    drive.device = "laptop"
    source, other = tmp_path / "big.bin", tmp_path / "other" / "big.bin"
    other.parent.mkdir()
    contents = [content_of(CHUNK + size, size) for size in (1, 2, 3)]
    source.write_bytes(contents[0])
    await upload(drive, [str(source)])
    source.write_bytes(contents[1])
    other.write_bytes(contents[2])
    elsewhere = Drive(drive.name, space, drive.root, drive.now)

    async def somebody_else() -> None:
        await upload(elsewhere, [str(other)])

    space.before_commit.append(somebody_else)
    staged = space.count.staged_bytes
    with pytest.raises(Conflict):
        await upload(drive, [str(source)])
    assert space.count.staged_bytes - staged < 2 * CHUNK + 100_000
    assert await content(drive, "big.bin") == contents[2]
    assert await content(drive, "big (conflict from laptop 2023-11-14).bin") == contents[1]


async def test_what_was_taken_away_meanwhile_is_there_again(tmp_path: Path) -> None:
    drive, space = await new_drive()
    (tmp_path / "f").write_text("before")
    await upload(drive, [str(tmp_path / "f")])
    (tmp_path / "f").write_text("after")
    elsewhere = Drive(drive.name, space, drive.root, drive.now)

    async def somebody_else() -> None:
        await mv(elsewhere, ["f"], "g")

    space.before_commit.append(somebody_else)
    await upload(drive, [str(tmp_path / "f")])
    assert await content(drive, "f") == b"after"
    assert await content(drive, "g") == b"before"


async def test_a_full_quota_ends_it_and_nothing_half_is_there(tmp_path: Path) -> None:
    drive, space = await new_drive()
    (tmp_path / "big").write_bytes(content_of(3 * CHUNK))
    before = dict(space.tree)

    async def full() -> None:
        raise QuotaExceeded("no room")

    space.on_stage = full
    with pytest.raises(QuotaExceeded):
        await upload(drive, [str(tmp_path / "big")])
    assert space.tree == before
    assert not space.blocks


async def test_a_sparse_file_is_holes(tmp_path: Path) -> None:
    drive, space = await new_drive()
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(40 * CHUNK)
        file.seek(20 * CHUNK + 3)
        file.write(b"here")
    await upload(drive, [str(tmp_path / "sparse")])
    assert space.count.stages == 1
    assert (await content(drive, "sparse"))[20 * CHUNK :][:8] == b"\0\0\0here\0"
    assert space.stored < 6 * 2**20
