"""ls, stat, du, find: what is shown, also of what cannot be read."""

from contextlib import aclosing
from pathlib import Path

import pytest

from client.drive.change import mkdir
from client.drive.drive import Drive
from client.drive.listing import Listed, Wanted, du, find, ls, ls_all, stat
from client.drive.reader import stream
from client.drive.resolve import open_path, resolve
from client.drive.upload import upload
from formats.errors import IsAFolder, NotAFolder, NotFound, Unfit, Withheld
from formats.limits import CHUNK
from tests.client.drive.contents import content_of
from tests.client.drive.drives import NOW, new_drive
from tests.client.drive.test_copying import two_drives
from tests.client.drive.test_upload import plant


async def planted(tmp_path: Path) -> Drive:
    drive, _ = await new_drive()
    plant(tmp_path / "t")
    await upload(drive, [str(tmp_path / "t")])
    return drive


def named(listed: Listed) -> list[str]:
    return [shown.name for shown in listed.entries]


async def test_ls(tmp_path: Path) -> None:
    drive = await planted(tmp_path)
    assert named(await ls(drive, "t")) == [
        "big", "deep", "empty", "empty folder", "ünïcödé 日本.txt",
    ]  # fmt: skip
    one = await ls(drive, "t/deep/er/run")
    assert [(each.path, each.executable, each.size) for each in one.entries] == [
        ("/alice/t/deep/er/run", True, 10)
    ]
    assert named(await ls(drive, "t/empty folder")) == []
    assert named(await ls(drive, "/")) == ["alice"]
    assert [each.target for each in (await ls(drive, "t/deep/link")).entries] == ["../nowhere"]
    for path, error in (("gone", NotFound), ("t/big/x", NotAFolder), ("/bob", NotFound),
                        ("t/big/", NotAFolder)):  # fmt: skip
        with pytest.raises(error):
            await ls(drive, path)


async def test_ls_all(tmp_path: Path) -> None:
    drive = await planted(tmp_path)
    listed = [each.path async for each in ls_all(drive, "t")]
    assert listed == [
        "/alice/t", "/alice/t/deep", "/alice/t/deep/er", "/alice/t/empty folder",
    ]  # fmt: skip
    async with aclosing(ls_all(drive, "t")) as folders:
        async for each in folders:
            assert each.path == "/alice/t"
            break


async def test_stat(tmp_path: Path) -> None:
    drive = await planted(tmp_path)
    big = await stat(drive, "t/big")
    assert (big.kind, big.size, big.generation) == ("file", 2 * CHUNK + 5, 0)
    assert big.modified == (tmp_path / "t" / "big").stat().st_mtime_ns
    folder = await stat(drive, "t")
    assert (folder.kind, folder.count, folder.created) == ("folder", 5, NOW * 1_000_000)
    assert (await stat(drive, "")).name == "alice"
    assert (await stat(drive, "/")).count == 1
    assert (await stat(drive, "t/deep/link")).kind == "link"


async def test_du(tmp_path: Path) -> None:
    drive = await planted(tmp_path)
    usage = await du(drive, "t")
    assert (usage.files, usage.folders, usage.links, usage.bytes) == (4, 4, 1, 2 * CHUNK + 16)
    one = await du(drive, "t/big")
    assert (one.files, one.folders, one.bytes) == (1, 0, 2 * CHUNK + 5)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(name="*.TXT"), ["ünïcödé 日本.txt"]),
        (Wanted(kind="folder"), ["deep", "empty folder", "er"]),
        (Wanted(kind="file", max_size=0), ["empty"]),
        (Wanted(min_size=1000), ["big"]),
        (Wanted(until=2_000_000_000_000_000_000, name="e*", kind="file"), ["empty"]),
        (Wanted(since=0, until=7_000_000_007, name="er"), ["er"]),
        (Wanted(name="nothing"), []),
    ],
)
async def test_find(tmp_path: Path, wanted: Wanted, found: list[str]) -> None:
    drive = await planted(tmp_path)
    hits = [name async for listed in find(drive, "t", wanted) for name in named(listed)]
    assert sorted(hits) == found


async def test_what_others_share() -> None:
    alice, bob = await two_drives()
    assert named(await ls(alice, "/")) == ["alice", "bob"]
    assert named(await ls(alice, "/bob")) == []
    assert (await stat(alice, "/bob")).kind == "folder"
    with pytest.raises(NotFound):
        await ls(alice, "/carol")
    assert bob.name == "bob"


async def test_a_folder_that_is_gone_is_told_and_the_others_shown(tmp_path: Path) -> None:
    drive, space = await new_drive()
    plant(tmp_path / "t")
    await upload(drive, [str(tmp_path / "t")])
    keys = (await resolve(drive, drive.path("t/deep"))).keys
    assert keys is not None
    del space.tree[keys.label]
    listed = [each async for each in ls_all(drive, "t")]
    assert [each.path for each in listed] == ["/alice/t", "/alice/t/empty folder", "/alice/t"]
    assert [type(problem) for problem in listed[-1].problems] == [Withheld]
    assert "/alice/t/deep" in listed[-1].problems[0].message
    usage = await du(drive, "t")
    assert usage.files == 3
    assert len(usage.problems) == 1


async def test_reading_by_path(tmp_path: Path) -> None:
    drive = await planted(tmp_path)
    reader = await open_path(drive, "t/big")
    async with stream(reader, CHUNK - 3, 6) as pieces:
        assert (
            b"".join([piece async for piece in pieces])
            == content_of(2 * CHUNK + 5)[CHUNK - 3 :][:6]
        )
    with pytest.raises(IsAFolder):
        await open_path(drive, "t")
    with pytest.raises(Unfit, match="nowhere"):
        await open_path(drive, "t/deep/link")


async def test_a_deep_path_is_one_request_a_level() -> None:
    drive, space = await new_drive()
    await mkdir(drive, "/".join("abcdefghij"), parents=True)
    before = space.count.leaf_requests
    await ls(drive, "/".join("abcdefghij"))
    assert space.count.leaf_requests - before <= 12
