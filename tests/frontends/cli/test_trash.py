"""The trash from the command line: a real daemon, real files."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemons.processes import Home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A daemon with alice signed in."""
    home = Home(tmp_path_factory.mktemp("trash") / "home")
    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin="correct horse\n").ok()
        yield home


def put(home: Home, folder: Path, name: str, text: str) -> None:
    (folder / "local").write_text(text)
    home.run("put", str(folder / "local"), name).ok()


def test_removed_looked_at_restored(home: Home, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "run.sh").write_text("#!/bin/sh\n")
    os.chmod(tmp_path / "tree" / "run.sh", 0o755)
    os.utime(tmp_path / "tree" / "run.sh", ns=(0, 1_700_000_000_123_456_789))
    home.run("put", str(tmp_path / "tree")).ok()
    assert home.run("rm", "-r", "tree").ok().out == ""
    assert home.run("cat", "tree/run.sh").code != 0
    (line,) = home.run("trash").ok().out.splitlines()
    assert line.endswith("  /alice/tree/")
    assert home.run("trash", "list").ok().out.splitlines() == [line]
    usage = home.run("du").ok().out.splitlines()
    assert usage[0].split() == ["10", "B", "1", "file", "(trash)"]
    assert home.run("trash", "restore", "tree").ok().out == "restored /alice/tree\n"
    home.run("get", "tree", str(tmp_path / "back")).ok()
    back = tmp_path / "back" / "run.sh"
    assert os.access(back, os.X_OK)
    assert back.stat().st_mtime_ns == 1_700_000_000_123_456_789
    assert home.run("trash").ok().err == "the trash is empty\n"


def test_by_id_to_another_folder_and_beside(home: Home, tmp_path: Path) -> None:
    for text in ("one", "two"):
        put(home, tmp_path, "note.txt", text)
        home.run("rm", "note.txt").ok()
    listed = [e["trashed"] for e in home.run("trash", "--json").ok().events if "trashed" in e]
    ids = [each["id"] for each in listed]  # type: ignore[index]
    home.run("trash", "restore", str(ids[1]), "--to", "rescued").ok()
    assert home.run("cat", "rescued/note.txt").ok().out == "one"
    put(home, tmp_path, "note.txt", "three")
    said = home.run("trash", "restore", "note.txt").ok().out
    assert said == "restored /alice/note (restored).txt\n"
    assert home.run("cat", "note (restored).txt").ok().out == "two"


def test_emptied_and_removed_for_good(home: Home, tmp_path: Path) -> None:
    for name in ("a", "b"):
        put(home, tmp_path, name, name)
        home.run("rm", name).ok()
    assert home.run("trash", "empty", "--older-than", "1h").ok().out == "0 things gone for good\n"
    assert home.run("trash", "empty", "a").ok().out == "1 thing gone for good\n"
    assert home.run("trash", "restore", "a").code == 9
    assert home.run("trash", "empty").ok().out == "1 thing gone for good\n"
    put(home, tmp_path, "c", "c")
    home.run("rm", "--forever", "c").ok()
    assert home.run("trash").ok().out == ""


@pytest.mark.parametrize(
    "words",
    [
        ("list", "a"),
        ("restore",),
        ("restore", "a", "--older-than", "1d"),
        ("empty", "--to", "a"),
        ("empty", "a", "--older-than", "1d"),
        ("empty", "--older-than", "soon"),
        ("shred",),
    ],
)
def test_what_does_not_go_together_is_said(words: tuple[str, ...], home: Home) -> None:
    said = home.run("trash", *words)
    assert said.code == 2
    assert "holdfast: " in said.err
