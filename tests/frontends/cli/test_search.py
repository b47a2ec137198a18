"""Search from the command line: a real daemon, names as people and enemies give them."""

import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from frontends.cli.search import sizes
from tests.daemons.processes import Home

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"
REVERSED = "photo\u202egpj.exe"
EMOJI = "🎉" * 63 + "x"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A daemon with alice signed in, and a few files."""
    folder = tmp_path_factory.mktemp("search")
    home = Home(folder / "home")
    local = folder / "holiday"
    (local / "São Paulo").mkdir(parents=True)
    (local / "São Paulo" / "beach.jpg").write_bytes(b"\xff\xd8\xff" + bytes(2000))
    (local / "notes.txt").write_text("notes")
    (local / REVERSED).write_text("-")
    (local / EMOJI).write_text("-")
    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        home.run("put", str(local)).ok()
        yield home


def test_words_pieces_and_patterns(home: Home) -> None:
    beach = "/alice/holiday/São Paulo/beach.jpg\n"
    assert home.run("search", "BEACH").ok().out == beach
    assert home.run("search", "sao", "beach").ok().out == beach
    assert home.run("search", "*.JPG").ok().out == beach
    assert home.run("search", "beach", "--in", "holiday/São Paulo").ok().out == beach
    assert home.run("search", "sao", "--type", "folder").ok().out == "/alice/holiday/São Paulo\n"
    assert home.run("search", "--size", "1KiB").ok().out == beach
    assert home.run("search", "nothing like it").ok().out == ""
    assert home.run("search", "--since", "2999-01-01").ok().out == ""


def test_json_and_the_limit(home: Home) -> None:
    *entries, done = home.run("--json", "search", "--size", "..1GiB", "--limit", "2").ok().events
    assert done == {"done": {"more": True}}
    assert len(entries) == 2
    assert "--limit 20" in home.run("search", "--type", "file", "--limit", "2").ok().err


def test_what_does_not_fit_together_is_said(home: Home) -> None:
    for words in ([], ["--size", ".."], ["--size", "many"], ["a", "--limit", "0"], [""]):
        assert home.run("search", *words).code == 2, words
    assert home.run("search", "a", "--in", "nowhere").code == 9
    assert home.run("search", "a", "--in", "holiday/notes.txt").code == 11


def test_names_that_deceive_are_escaped_on_a_terminal(home: Home, tmp_path: Path) -> None:
    assert home.run("search", "photo").ok().out == f"/alice/holiday/{REVERSED}\n"
    ours, theirs = pty.openpty()
    subprocess.run(
        home.words("search", "photo"), env=home.environment(), stdout=theirs, check=True, timeout=60
    )
    os.close(theirs)
    shown = os.read(ours, 4096).decode("utf-8", "replace")
    os.close(ours)
    assert "\u202e" not in shown
    assert "\\u202e" in shown
    assert EMOJI in home.run("search", "🎉").ok().out


def test_sizes() -> None:
    assert sizes("10MiB") == (10 * 2**20, None)
    assert sizes("..1k") == (None, 1024)
    assert sizes("1k..2k") == (1024, 2048)
    assert sizes("1k..") == (1024, None)
    assert sizes(None) == (None, None)
