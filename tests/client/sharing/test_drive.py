"""The verbs of the drive over what others share: a real tree, there and back again."""

import os
from pathlib import Path

import pytest

from client.drive.change import mkdir, mv, rm
from client.drive.copying import cp
from client.drive.download import download
from client.drive.listing import ls
from client.drive.resolve import resolve
from client.drive.upload import upload
from client.session import Session
from client.sharing.drive import own_drive
from client.sharing.share import share, shared_by_me, unshare
from client.social.inbox import collect
from client.social.store import look
from formats.errors import Denied, HoldfastError, NotFound
from tests.client.people import Town

LARGE = bytes(range(256)) * 4096 * 6


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Files of all sizes, empty ones, links, odd names."""
    top = tmp_path / "tree"
    (top / "deep" / "er").mkdir(parents=True)
    (top / "empty folder").mkdir()
    (top / "empty").write_bytes(b"")
    (top / "large").write_bytes(LARGE)
    (top / "smörgås.txt").write_text("fika")
    for number in range(120):
        (top / "deep" / f"{number}.txt").write_text(f"file {number}")
    (top / "deep" / "er" / "run.sh").write_text("#!/bin/sh\n")
    (top / "deep" / "er" / "run.sh").chmod(0o755)
    (top / "link").symlink_to("deep/1.txt")
    return top


def snapshot(top: Path) -> dict[str, object]:
    """Everything below a folder, as one compares trees."""
    found: dict[str, object] = {}
    for path in sorted(top.rglob("*")):
        name = str(path.relative_to(top))
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_dir():
            found[name] = None
        else:
            found[name] = (path.read_bytes(), os.access(path, os.X_OK))
    return found


async def test_a_tree_reaches_a_friend_and_is_taken_back(
    alice: Session, bob: Session, tree: Path, tmp_path: Path
) -> None:
    mine, theirs = own_drive(alice), own_drive(bob)
    await upload(mine, [str(tree)])
    await share(alice, "tree", "bob")
    assert [each.name for each in (await ls(theirs, "/alice")).entries] == ["tree"]
    await download(theirs, ["/alice/tree"], str(tmp_path / "got"))
    assert snapshot(tmp_path / "got") == snapshot(tree)
    await cp(theirs, ["/alice/tree/large"], "kept")
    await unshare(alice, "tree", "bob")
    for ask in ("/alice/tree", "/alice/tree/deep/1.txt"):
        with pytest.raises(Denied) as caught:
            await download(theirs, [ask], str(tmp_path / "again"))
        assert "alice does not share 'tree' with you" in str(caught.value)
    await download(mine, ["tree"], str(tmp_path / "mine"))
    assert snapshot(tmp_path / "mine") == snapshot(tree)
    await download(theirs, ["kept"], str(tmp_path / "kept"))
    assert (tmp_path / "kept").read_bytes() == LARGE
    assert not alice.rotation_due


async def test_a_new_version_of_a_shared_file_is_seen(
    alice: Session, bob: Session, tmp_path: Path
) -> None:
    source = tmp_path / "note.txt"
    source.write_bytes(b"one")
    await upload(own_drive(alice), [str(source)])
    await share(alice, "note.txt", "bob")
    for content in (b"two", LARGE, b"three"):
        source.write_bytes(content)
        await upload(own_drive(alice), [str(source)])
        await download(own_drive(bob), ["/alice/note.txt"], str(tmp_path / "got"), force=True)
        assert (tmp_path / "got").read_bytes() == content
    assert len(await shared_by_me(alice)) == 1


async def test_reading_goes_on_or_fails_plainly_when_taken_back_meanwhile(
    alice: Session, bob: Session, tmp_path: Path
) -> None:
    source = tmp_path / "large"
    source.write_bytes(LARGE)
    await upload(own_drive(alice), [str(source)])
    await share(alice, "large", "bob")
    drive = own_drive(bob)
    reader = await (await resolve(drive, drive.path("/alice/large"))).reader()
    assert await reader.read(0, 10) == LARGE[:10]
    await unshare(alice, "large", "bob")
    with pytest.raises(HoldfastError) as caught:
        await reader.read(5 * 2**20, 10)
    assert isinstance(caught.value, Denied)


async def test_moving_out_and_removing_mind_grants(
    alice: Session, bob: Session, tree: Path, tmp_path: Path
) -> None:
    mine, theirs = own_drive(alice), own_drive(bob)
    await upload(mine, [str(tree)])
    await share(alice, "tree", "bob")
    await mkdir(mine, "private")
    await mv(mine, ["tree/deep"], "private")
    with pytest.raises(NotFound):
        await ls(theirs, "/alice/tree/deep")
    await download(mine, ["private/deep/er/run.sh"], str(tmp_path / "run.sh"))
    await rm(mine, ["tree"], recursive=True)
    assert await shared_by_me(alice) == []
    with pytest.raises(Denied):
        await ls(theirs, "/alice/tree")
    assert (await ls(theirs, "/alice")).entries == ()


async def test_an_unshare_is_finished_by_the_next_change_after_a_restart(
    world: Town, alice: Session, bob: Session, tree: Path, tmp_path: Path
) -> None:
    await upload(own_drive(alice), [str(tree)])
    await share(alice, "tree", "bob")
    await unshare(alice, "tree", "bob", and_finish=False)
    fresh = await world.sign_in("alice", "one")
    (tmp_path / "new").write_bytes(b"new")
    await upload(own_drive(fresh), [str(tmp_path / "new")], "tree/deep")
    assert await (await look(fresh)).names("rotations") == []
    await collect(fresh)
    await download(own_drive(fresh), ["tree"], str(tmp_path / "mine"))
    assert (tmp_path / "mine" / "deep" / "new").read_bytes() == b"new"
