"""Pipes: standard input into a file, a file to standard output, and what breaks them."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.daemons.processes import Home, finish, read_line

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"
KIB = 1024
MIB = 1024 * KIB
CHUNK = 5 * MIB


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home(tmp_path_factory.mktemp("pipes") / "home")
    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        yield home


def run(home: Home, *words: str, given: bytes = b"") -> tuple[int, bytes, str]:
    done = subprocess.run(
        home.words(*words), input=given, capture_output=True, env=home.environment(), timeout=120
    )
    return done.returncode, done.stdout, done.stderr.decode()


def begun(home: Home, *words: str) -> subprocess.Popen[bytes]:
    """A put whose input does not end yet."""
    return subprocess.Popen(
        home.words(*words),
        env=home.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize(
    "size", [0, 1, 64 * KIB, 64 * KIB + 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7]
)
def test_what_goes_in_comes_out(home: Home, size: int) -> None:
    data = Random(size).randbytes(size)
    code, _, said = run(home, "put", "-", "piped", given=data)
    assert code == 0, said
    assert run(home, "get", "piped", "-") == (0, data, "")
    assert run(home, "cat", "piped") == (0, data, "")


def test_zeros_are_not_stored(home: Home) -> None:
    assert run(home, "put", "-", "zeros", given=bytes(4 * CHUNK))[0] == 0
    assert run(home, "cat", "zeros")[1] == bytes(4 * CHUNK)


def test_json_and_each(home: Home) -> None:
    code, out, _ = run(home, "put", "-v", "-", "named", given=b"x")
    assert (code, out.decode().splitlines()[0]) == (0, "/alice/named")
    ran = home.run("--json", "put", "-", "named", stdin="more").ok()
    assert ran.events[-1] == {"done": {**ran.events[-1]["done"], "files": 1, "bytes": 4}}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("put", "-"), "name the file"),
        (("put", "-", "other", "x"), "alone"),
        (("put", "--update", "-", "x"), "cannot be read again"),
        (("put", "-", "/alice"), "has no name"),
        (("put", "-", "x/"), "has no name"),
        (("put", "-", "nowhere/x"), "does not exist"),
        (("put", "-", "/bob/x"), "not yours"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(
    home: Home, words: tuple[str, ...], said: str
) -> None:
    put = begun(home, *words)
    assert put.wait(60) not in (0, None)
    ran = finish(put)
    assert said in ran.err
    assert len(ran.err.splitlines()) <= 2


def test_a_folder_does_not_come_out_of_a_pipe(home: Home) -> None:
    code, out, said = run(home, "get", "/alice", "-")
    assert (code != 0, out) == (True, b"")
    assert "is a folder" in said


def test_a_closed_input_is_said(home: Home) -> None:
    words = " ".join(map(str, home.words("put", "-", "x")))
    done = subprocess.run(
        ["sh", "-c", f"{words} <&-"], env=home.environment(), capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "standard input is closed" in done.stderr


def test_an_input_that_cannot_be_read_leaves_nothing(home: Home, tmp_path: Path) -> None:
    with open(tmp_path / "only written", "wb") as deaf:
        done = subprocess.run(
            home.words("put", "-", "unread"),
            stdin=deaf,
            env=home.environment(),
            capture_output=True,
        )
    assert b"standard input: Bad file descriptor" in done.stderr
    assert home.run("stat", "unread").code != 0


@pytest.mark.parametrize("size", [10, 2 * CHUNK + 1])
def test_ctrl_c_leaves_nothing(home: Home, size: int) -> None:
    put = begun(home, "--json", "put", "-", "stopped")
    assert put.stdin is not None
    assert "started" in read_line(put)
    put.stdin.write(bytes(range(256)) * (size // 256 + 1))
    put.stdin.flush()
    put.send_signal(signal.SIGINT)
    put.stdin.close()  # as the program before the pipe does, which gets it too
    put.stdin = None
    ran = finish(put)
    assert ran.code == 130, ran
    assert "nothing was stored" in ran.out + ran.err
    assert home.run("stat", "stopped").code != 0


def test_killed_leaves_nothing_and_the_daemon_goes_on(home: Home) -> None:
    put = begun(home, "put", "-", "killed")
    assert put.stdin is not None
    put.stdin.write(bytes(range(256)) * (CHUNK // 128))
    put.stdin.flush()
    put.kill()
    finish(put)
    assert home.run("stat", "killed").code != 0
    assert run(home, "put", "-", "after", given=b"fine")[0] == 0


def test_a_reader_that_leaves_stops_the_get(home: Home) -> None:
    run(home, "put", "-", "long", given=os.urandom(3 * CHUNK))
    words = " ".join(map(str, home.words("get", "long", "-")))
    script = f"{{ {words}; echo $? >&2; }} | head -c 10 | wc -c"
    done = subprocess.run(
        ["sh", "-c", script], env=home.environment(), capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.strip(), done.stderr.strip()) == ("10", "141")
