"""Parts of files from the command line: cat of a range, write, append, truncate."""

import http.client
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from formats.errors import HoldfastError, IsAFolder, NotFound, Usage
from tests.daemons.processes import Home, Ran

pytestmark = pytest.mark.slow

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A daemon with alice signed in."""
    home = Home(tmp_path_factory.mktemp("ranges") / "home")
    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin="correct horse\n").ok()
        yield home


def test_a_file_is_written_read_and_cut_at_any_place(home: Home) -> None:
    assert home.run("write", "f", stdin="hello world\n").ok().out == "/alice/f has 12 B\n"
    home.run("write", "--offset", "6", "f", stdin="there").ok()
    assert home.run("cat", "f").ok().out == "hello there\n"
    home.run("append", "f", stdin="and more\n").ok()
    assert home.run("cat", "--offset", "6", "--length", "9", "f").ok().out == "there\nand"
    home.run("truncate", "f", "5").ok()
    assert home.run("cat", "f").ok().out == "hello"
    home.run("write", "--cut", "f", stdin="bye").ok()
    assert home.run("cat", "f").ok().out == "bye"
    home.run("truncate", "f", "2MiB").ok()
    assert home.run("cat", "--offset", str(2 * MIB - 2), "f").ok().out == "\0\0"


def test_large_input_comes_from_files_and_pipes(home: Home, tmp_path: Path) -> None:
    data = os.urandom(20 * MIB + 5)
    (tmp_path / "data").write_bytes(data)
    env = home.environment()
    with (tmp_path / "data").open("rb") as source:
        subprocess.run(home.words("write", "large"), stdin=source, env=env, check=True)
    with subprocess.Popen(["cat", tmp_path / "data"], stdout=subprocess.PIPE) as pipe:
        words = home.words("append", "large")
        subprocess.run(words, stdin=pipe.stdout, env=env, check=True)
    home.run("get", "large", str(tmp_path / "back")).ok()
    assert (tmp_path / "back").read_bytes() == data + data


def refused(ran: Ran, kind: type[HoldfastError]) -> None:
    assert (ran.code, ran.out) == (kind.exit_code, ""), ran.err


def test_what_cannot_be_done_is_said_before_all_is_sent(home: Home) -> None:
    home.run("mkdir", "-p", "d").ok()
    refused(home.run("write", "d", stdin="x" * 10_000_000), IsAFolder)
    refused(home.run("write", "--offset", "much", "f", stdin="x"), Usage)
    refused(home.run("truncate", "absent", "5"), NotFound)
    refused(home.run("append", "absent/f", stdin="x"), NotFound)
    assert home.run("ls").ok().out.count("absent") == 0


def written(home: Home, text: bytes, **asked: object) -> list[dict[str, dict[str, object]]]:
    """The lines of an answer of ``write``, as a page asks for it."""
    connection = http.client.HTTPConnection("holdfast")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(home.path / "socket"))
    with closing(connection):
        connection.request("POST", "/v1/write", text, {"Holdfast-Request": json.dumps(asked)})
        return [json.loads(line) for line in connection.getresponse().read().splitlines()]


def test_a_version_that_was_not_seen_is_kept_beside(home: Home) -> None:
    """``seen``: an editor says which version it read; without it a write is to a place."""
    (made,) = written(home, b"first", path="seen.txt", cut=True, seen=1)
    first = made["done"]["modified"]
    (done,) = written(home, b"second", path="seen.txt", cut=True, seen=first)
    assert home.run("cat", "seen.txt").ok().out == "second"
    kept, error = written(home, b"third", path="seen.txt", cut=True, seen=first)
    assert error["error"]["kind"] == "Conflict"
    assert home.run("cat", "seen.txt").ok().out == "second"
    assert home.run("cat", str(kept["kept"]["beside"])).ok().out == "third"
    written(home, b"fourth", path="seen.txt", cut=True)
    assert home.run("cat", "seen.txt").ok().out == "fourth"
    assert done["done"]["modified"] != first
