"""Versions, restoring, snapshots and settings from the command line: a real daemon."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemons.processes import Home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A daemon with alice signed in."""
    home = Home(tmp_path_factory.mktemp("past") / "home")
    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin="correct horse\n").ok()
        yield home


def put(home: Home, folder: Path, name: str, text: str) -> None:
    (folder / "local").write_text(text)
    home.run("put", str(folder / "local"), name).ok()


def test_versions_and_one_of_them_restored(home: Home, tmp_path: Path) -> None:
    for text in ("one", "two, longer", "three"):
        put(home, tmp_path, "f.txt", text)
    lines = home.run("versions", "f.txt").ok().out.splitlines()
    assert [line.split()[2:4] for line in lines] == [["5", "B"], ["11", "B"], ["3", "B"]]
    assert lines[0].endswith("  f.txt  (now)")
    oldest = lines[2].split()[-1]
    assert oldest.startswith("f.txt@")
    number = oldest.partition("@")[2]
    assert home.run("cat", "f.txt", "--at", number).ok().out == "one"
    assert home.run("restore", oldest).ok().out == "restored 1 file, 3 B\n"
    assert home.run("cat", "f.txt").ok().out == "one"
    assert len(home.run("versions", "f.txt").ok().out.splitlines()) == 4
    home.run("get", "f.txt", str(tmp_path / "got"), "--at", number).ok()
    assert (tmp_path / "got").read_text() == "one"


def test_a_snapshot_and_the_drive_as_it_was(home: Home, tmp_path: Path) -> None:
    home.run("mkdir", "d").ok()
    put(home, tmp_path, "d/old", "old")
    assert home.run("snapshot", "before").ok().out == "kept as 'before'\n"
    assert home.run("snapshot", "before").code == 2
    home.run("rm", "-r", "--forever", "d").ok()
    assert home.run("ls", "d", "--at", "before").ok().out == "old\n"
    (line,) = home.run("snapshot", "--list").ok().out.splitlines()
    assert line.endswith("  before")
    home.run("forget").ok()
    assert home.run("restore", "d", "--at", "before").ok().out.startswith("restored 1 file")
    assert home.run("cat", "d/old").ok().out == "old"
    assert "before" in home.run("snapshot", "--delete", "before").ok().out
    assert home.run("snapshot", "--list").ok().out == ""
    assert home.run("ls", "--at", "before").code == 9


def test_as_of_a_time(home: Home, tmp_path: Path) -> None:
    put(home, tmp_path, "timed", "then")
    said = home.run("versions", "timed", "--json").ok().events[0]["version"]
    put(home, tmp_path, "timed", "now")
    then = f"@{said['since']}"  # type: ignore[index]
    assert home.run("cat", "timed", "--at", then).ok().out == "then"
    assert home.run("cat", "timed", "--at", "0s").ok().out == "now"
    assert home.run("cat", "timed", "--at", "1999-01-01").code == 9


def test_the_log(home: Home, tmp_path: Path) -> None:
    home.run("settings", "device", "this one").ok()
    home.run("mkdir", "logged").ok()
    put(home, tmp_path, "logged/a", "1")
    home.run("mv", "logged/a", "logged/b").ok()
    home.run("rm", "logged/b").ok()
    lines = home.run("log", "logged").ok().out.splitlines()
    assert [line.strip() for line in lines[1::2]] == [
        "removed  /alice/logged/b",
        "moved    /alice/logged/a -> /alice/logged/b",
        "added    /alice/logged/a",
        "added    /alice/logged/",
    ]
    assert all("  this one  (state " in line for line in lines[::2])
    assert len(home.run("log", "logged", "-n", "1").ok().out.splitlines()) == 2
    home.run("settings", "device", "another").ok()


def test_what_is_kept_and_given_up_is_said(home: Home, tmp_path: Path) -> None:
    put(home, tmp_path, "g", "1")
    put(home, tmp_path, "g", "2")
    assert "(old versions)" in home.run("du").ok().out
    assert home.run("forget", "--older-than", "1d").ok().out.startswith("0 states given up")
    assert "given up" in home.run("forget").ok().out
    assert len(home.run("versions", "g").ok().out.splitlines()) == 1


def test_settings(home: Home) -> None:
    lines = home.run("settings").ok().out.splitlines()
    assert lines[0] == "retention  30 d (default)"
    assert home.run("settings", "retention", "7d").ok().out.startswith("retention  7 d\n")
    said = home.run("settings", "retention", "90d").ok().out
    assert said.startswith("retention  30 d (you asked for 90 d")
    home.run("settings", "retention", "default").ok()
    assert home.run("settings", "device", "blue laptop").ok().out.endswith("blue laptop\n")
    put_id = home.run("settings", "--json").ok().events[-1]["done"]
    assert put_id["device"] == "blue laptop"  # type: ignore[index]


@pytest.mark.parametrize(
    "words",
    [
        ("restore", "f.txt"),
        ("restore", "f.txt@yesterday"),
        ("settings", "device"),
        ("settings", "retention", "long"),
        ("settings", "colour", "blue"),
        ("forget", "--older-than", "x"),
        ("snapshot", "--list", "--delete", "x"),
    ],
)
def test_what_does_not_fit_is_said(words: tuple[str, ...], home: Home) -> None:
    assert home.run(*words).code == 2


def test_names_that_are_none(home: Home) -> None:
    assert home.run("settings", "device", "a/b").code != 0
    assert home.run("snapshot", "57").code != 0
    assert home.run("snapshot", "a/b").code != 0
    for word in ("list", "delete"):
        refused = home.run("snapshot", word)
        assert (refused.code, f"--{word}" in refused.err) == (2, True)
    assert home.run("snapshot", "--list").ok().out == ""
