"""Checking, mending, backing up and restoring a node from the command line, with real daemons."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemons.processes import Home, finish, read_line

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"
MIB = 1024 * 1024


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A daemon with alice signed in, and files of hers."""
    home = Home(tmp_path / "home")
    source = tmp_path / "files"
    source.mkdir()
    for number in range(3):
        (source / f"large-{number}").write_bytes(os.urandom(2 * MIB))
        (source / f"small-{number}").write_bytes(os.urandom(200))
    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        home.run("put", str(source), "/alice/").ok()
        yield home


def damage(home: Home) -> None:
    """Overwrite some of every pack: the end of one block and the head of the next."""
    packs = [*(home.path / "node" / "store" / "packs").iterdir()]
    assert packs
    for pack in packs:
        with pack.open("r+b") as file:
            file.seek(MIB)
            file.write(bytes(100))


def test_a_node_that_is_well(home: Home) -> None:
    assert home.run("node", "verify").ok().out.startswith("looked at 1 space, ")
    (done,) = home.run("node", "verify", "--deep", "--json").ok().events
    assert done["done"]["total"] == 0  # type: ignore[index]
    assert home.run("node", "repair").ok().out == "mended 0 blocks and 0 counts\n"


def test_damage_is_named_mended_from_a_backup_and_put_aside(home: Home, tmp_path: Path) -> None:
    backups = str(tmp_path / "backups")
    home.run("node", "backup", backups).ok()
    damage(home)
    home.run("node", "verify").ok()
    found = home.run("node", "verify", "--deep")
    assert found.code == 8
    assert "alice: block, space " in found.out
    assert "alice: label, space " in found.out
    assert "node repair" in found.err
    assert home.run("node", "repair").code == 8
    mended = home.run("node", "repair", "--from", "backups").code
    assert mended != 0, "a path is the caller's, and there is none of that name here"
    mended_here = home.run("node", "repair", "--from", "backups", cwd=tmp_path).ok()
    assert "mended " in mended_here.out
    assert "put aside in" in mended_here.out
    home.run("node", "verify", "--deep").ok()
    for number in range(3):
        name = f"large-{number}"
        home.run("get", f"/alice/files/{name}", str(tmp_path / name)).ok()
        assert (tmp_path / name).read_bytes() == (tmp_path / "files" / name).read_bytes()


def test_a_restored_home_serves_what_was_backed_up(home: Home, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    assert "none was taken: 'holdfast node backup DIR'" in home.run("status").ok().out
    assert "this node was never backed up" in home.run("doctor").out
    first = home.run("node", "backup", str(backups)).ok()
    assert "not checked" in home.run("status").ok().out
    assert "copied" in first.out
    home.run("node", "backup", str(backups), "--keep", "1").ok()
    assert len([each for each in backups.iterdir() if each.is_dir()]) == 1
    assert "looked at" in home.run("node", "backup", "--check", str(backups)).ok().out
    (newest,) = [each for each in backups.iterdir() if each.is_dir()]
    last = home.run("--json", "status").ok().events[-1]["done"]["node"]["backup"]  # type: ignore[index]
    assert (last["path"], last["wrong"]) == (str(newest), 0)
    assert last["checked"] >= last["made"] > 0
    assert last["bytes"] > MIB
    assert "found whole on" in home.run("status").ok().out
    assert "found whole on" in home.run("doctor").out
    new = Home(tmp_path / "new")
    assert "is as the node was on" in new.run("node", "restore", str(backups)).ok().out
    again = new.run("node", "restore", str(backups))
    assert (again.code, again.out) == (37, "")
    with new.daemon():
        new.run("login", "alice", "--password-stdin", stdin=PASSWORD).ok()
        assert "none was taken" in new.run("status").ok().out
        new.run("get", "/alice/files", str(tmp_path / "back")).ok()
        for file in (tmp_path / "files").iterdir():
            assert (tmp_path / "back" / file.name).read_bytes() == file.read_bytes()
        new.run("node", "verify", "--deep").ok()


def test_a_damaged_backup_is_told(home: Home, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    home.run("node", "backup", str(backups)).ok()
    (pack,) = backups.glob("2*/store/packs/*")
    with pack.open("r+b") as file:
        file.seek(MIB)
        file.write(bytes(1000))
    checked = home.run("node", "backup", "--check", str(backups))
    assert checked.code == 8
    assert "a segment is lost or damaged" in checked.out
    assert "DAMAGED" in home.run("status").ok().out
    assert "and it is damaged" in home.run("doctor").out


def test_a_backup_of_a_killed_daemon_is_gone_on_with(home: Home, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    home.run("node", "backup", str(backups)).ok()
    other = Home(tmp_path / "other")
    process = other.start("up")
    assert read_line(process)
    other.run("signup", "bob", "--password-stdin", stdin=PASSWORD).ok()
    other.run("put", str(tmp_path / "files"), "/bob/").ok()
    taking = other.start("node", "backup", str(tmp_path / "theirs"))
    process.send_signal(signal.SIGKILL)
    finish(taking)
    finish(process)
    with other.daemon():
        other.run("node", "backup", str(tmp_path / "theirs")).ok()
        other.run("node", "backup", "--check", str(tmp_path / "theirs")).ok()


@pytest.mark.parametrize("words", [["backup", "/dev/null"], ["repair", "--from", "/nowhere"]])
def test_impossible_folders_are_told_in_a_sentence(home: Home, words: list[str]) -> None:
    done = home.run("node", *words)
    assert done.code not in (0, 70)
    assert len(done.err.splitlines()) <= 3
    assert "Traceback" not in done.err


def test_a_restored_home_is_refused_shown_and_gone_on_from(home: Home, tmp_path: Path) -> None:
    backups = str(tmp_path / "backups")
    home.run("node", "backup", backups).ok()
    home.run("mkdir", "/alice/lost").ok()
    new = Home(tmp_path / "new")
    new.run("node", "restore", backups).ok()
    shutil.copytree(home.path / "people", new.path / "people")  # what this machine has seen
    with new.daemon():
        new.run("login", "alice", "--password-stdin", stdin=PASSWORD).ok()
        refused = new.run("ls", "/alice")
        assert refused.code == 22
        assert "holdfast restored" in refused.err
        assert new.run("put", str(tmp_path / "files"), "/alice/more").code == 22
        shown = new.run("restored").ok().out
        assert "Not at your home: 1 change made after that." in shown
        code = next(line for line in shown.splitlines() if "--accept" in line).split()[-1]
        wrong = new.run("restored", "--accept", f"1{code}")
        assert wrong.code == 21
        assert new.run("ls", "/alice").code == 22
        assert "go on from change" in new.run("restored", "--accept", code).ok().out
        assert new.run("ls", "/alice").ok().out == "files/\n"
        new.run("mkdir", "/alice/new").ok()
        assert "went back to an older state" in new.run("status").ok().out
        assert "nothing needs to be done" in new.run("restored").ok().out
        new.run("node", "verify", "--deep").ok()
