"""The log: what changed between states, told from the trees; and by which device."""

from dataclasses import replace
from pathlib import Path

import pytest

from client.drive.change import mkdir, mv, rm
from client.drive.copying import cp
from client.drive.drive import Drive
from client.drive.log import Changed, Logged, What, log
from client.drive.trash import restore
from client.drive.upload import upload
from client.session import Session
from client.sharing.drive import own_drive
from client.sharing.share import share, unshare
from client.space.author import Author
from crypto.secret import random_secret
from node.jobs.retention import release_superseded
from tests.client.people import Town
from tests.client.sharing.trees import put as put_all


async def put(drive: Drive, folder: Path, path: str, data: bytes) -> None:
    (folder / "file").write_bytes(data)
    await upload(drive, [str(folder / "file")], path)


async def told(drive: Drive, path: str = "") -> list[Logged]:
    return [each async for each in log(drive, path)]


def short(logged: Logged) -> list[str]:
    return [_short(each) for each in logged.changes]


def _short(change: Changed) -> str:
    source = "" if change.source is None else f"{'/'.join(change.source.parts)} > "
    return f"{change.what} {source}{'/'.join(change.path.parts)}"


async def test_each_state_says_what_it_changed(alice: Session, tmp_path: Path) -> None:
    drive = own_drive(alice)
    await mkdir(drive, "a/b", parents=True)
    await put(drive, tmp_path, "a/b/f", b"1")
    await put(drive, tmp_path, "a/b/f", b"22")
    await mv(drive, ["a/b"], "c")
    await put(drive, tmp_path, "c/g", b"g")
    await cp(drive, ["c/g"], "c/h")
    await rm(drive, ["c/f"])
    await rm(drive, ["c"], recursive=True)
    await restore(drive, ["c"])
    await mv(drive, ["c"], "a/d")
    await put(drive, tmp_path, "a/d/g", b"other")
    assert [short(each) for each in await told(drive)] == [
        ["changed a/d/g"],
        ["moved c > a/d"],
        ["added c"],
        ["removed c"],
        ["removed c/f"],
        ["added c/h"],
        ["added c/g"],
        ["moved a/b > c"],
        ["changed a/b/f"],
        ["added a/b/f"],
        ["added a"],
    ]
    only = await told(drive, "a/b")
    assert [short(each) for each in only] == [
        ["moved a/b > c"],
        ["changed a/b/f"],
        ["added a/b/f"],
    ]
    assert [short(each) for each in await told(drive, "c/f")] == [["removed c/f"]]
    assert {each.device for each in only} == {alice.around.device}
    assert all(len(each.member) == 32 and each.states == 1 for each in only)


async def test_by_which_device(world: Town, alice: Session, tmp_path: Path) -> None:
    phone = await world.sign_in("alice", "one")
    alice.around = replace(alice.around, device="laptop")
    phone.around = replace(phone.around, device="the phone")
    await put(own_drive(alice), tmp_path, "a", b"1")
    await put(own_drive(phone), tmp_path, "b", b"1")
    seen = [(each.device, short(each)) for each in await told(own_drive(alice))]
    assert seen == [("the phone", ["added b"]), ("laptop", ["added a"])]


async def test_many_states_together_where_they_were_thinned(
    world: Town, alice: Session, tmp_path: Path
) -> None:
    drive = own_drive(alice)
    for hour in range(3):
        for number in range(4):
            await put(drive, tmp_path, f"{hour}-{number}", b"x")
        world.clock.now += 3600_000
    while await release_superseded(world.nodes["one"].core):
        pass
    seen = await told(drive)
    assert sum(each.states for each in seen) <= (await drive.past.states())[0].seq
    assert max(each.states for each in seen) > 1
    names = sorted(word for each in seen for word in short(each))
    expected = sorted(f"added {hour}-{number}" for hour in range(3) for number in range(4))
    assert set(names) <= set(expected)
    assert len(names) == len(set(names)) >= 8


async def test_new_keys_and_other_peoples_things_are_no_changes(
    alice: Session, bob: Session
) -> None:
    await put_all(alice, {"docs/deep/a.txt": b"1", "docs/b.txt": b"2"})
    before = [short(each) for each in await told(own_drive(alice))]
    await share(alice, "docs", "bob")
    await unshare(alice, "docs", "bob")
    assert [short(each) for each in await told(own_drive(alice))] == before
    await put_all(alice, {"docs/deep/a.txt": b"12"})
    seen = [short(each) for each in await told(own_drive(alice))]
    assert seen == [["changed docs/deep/a.txt"], *before]


async def test_large_folders(alice: Session, tmp_path: Path) -> None:
    drive = own_drive(alice)
    root = tmp_path / "many"
    root.mkdir()
    for number in range(400):
        (root / f"{number}").touch()
    await upload(drive, [str(root)])
    await put(drive, tmp_path, "many/new", b"1")
    await rm(drive, ["many/17"])
    seen = [short(each) for each in await told(drive)]
    assert seen[:2] == [["removed many/17"], ["added many/new"]]
    assert seen[-1][0] == "added many" or ["added many"] in seen


@pytest.mark.parametrize("by", [None, b"", b"x" * 105])
def test_who_does_not_rightly_say_says_nothing(by: bytes | None) -> None:
    author = Author(random_secret(), b"s" * 32, lambda: "laptop")
    assert author.read(by, 7) is None
    assert author.read(author.sign(7), 7) == "laptop"
    assert author.read(author.sign(7), 8) is None
    other = Author(random_secret(), b"s" * 32, lambda: "laptop")
    assert other.read(author.sign(7), 7) is None
    assert What("added") is What.ADDED
