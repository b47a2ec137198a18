"""Transfers that are cut off by kill -9, with real daemons: they go on where they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from client.drive.intake.batch import MAX_STAGED
from client.drive.transfers.downloading import TOGETHER
from formats.limits import CHUNK, MIB
from tests.daemons.processes import Home

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"
SIZE = 80 * MIB
"""A little over what makes a put worth keeping."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def film(tmp_path: Path, rng: Random) -> Path:
    assert SIZE > MAX_STAGED
    path = tmp_path / "film"
    path.write_bytes(rng.randbytes(SIZE))
    return path


@contextmanager
def dying(home: Home, moved: int) -> Iterator[None]:
    """A daemon that is killed when a transfer within the block has moved this much."""
    with home.dying("tests.stories.killed_at", str(moved)):
        yield


def sign_up(home: Home) -> None:
    home.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()


def sign_in(home: Home) -> None:
    home.run("login", "alice", "--password-stdin", stdin=PASSWORD).ok()


def killed_put(home: Home, film: Path, moved: int) -> None:
    """A new account, and a put that gets as far as this."""
    with dying(home, moved):
        sign_up(home)
        assert home.run("put", str(film)).code != 0


def resumed(home: Home, *words: str) -> int:
    """Run a transfer to its end; what of it an earlier one had moved."""
    done = home.run("--json", *words).ok().events[-1]["done"]
    assert isinstance(done, dict)
    assert (done["bytes"], done["files"]) == (SIZE, 1)
    return int(done["resumed"])


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_put_goes_on(home: Home, film: Path, tmp_path: Path, share: float) -> None:
    moved = int(share * SIZE)
    killed_put(home, film, moved)
    with home.daemon():
        sign_in(home)
        assert home.run("stat", "film").code != 0
        (listed,) = home.run("transfers").ok().out.splitlines()
        assert listed.endswith(f"{film} -> /alice/film")
        assert moved <= resumed(home, "put", str(film)) < SIZE
        assert home.run("transfers").ok().out == ""
        home.run("get", "film", str(tmp_path / "back")).ok()
    assert (tmp_path / "back").read_bytes() == film.read_bytes()


def test_a_put_of_what_changed_meanwhile_stores_what_is_there_now(
    home: Home, film: Path, tmp_path: Path
) -> None:
    """The chunk that was written anew is sent again, and no other that was moved."""
    moved = SIZE // 2
    killed_put(home, film, moved)
    with open(film, "r+b") as file:
        file.write(bytes(range(256)))
    with home.daemon():
        sign_in(home)
        assert moved - CHUNK <= resumed(home, "put", str(film)) < SIZE
        home.run("get", "film", str(tmp_path / "back")).ok()
    assert (tmp_path / "back").read_bytes() == film.read_bytes()


def test_a_put_that_is_forgotten_begins_again(home: Home, film: Path) -> None:
    killed_put(home, film, SIZE // 2)
    with home.daemon():
        sign_in(home)
        assert home.run("transfers", "forget", "--all").ok().out == "1 transfer forgotten\n"
        assert home.run("transfers").ok().out == ""
        assert resumed(home, "put", str(film)) == 0


def test_a_get_goes_on(home: Home, film: Path, tmp_path: Path) -> None:
    to, moved = tmp_path / "to", SIZE // 2
    to.mkdir()
    with home.daemon():
        sign_up(home)
        home.run("put", str(film)).ok()
    with dying(home, moved):
        sign_in(home)
        assert home.run("get", "film", str(to)).code != 0
    (part,) = to.iterdir()
    assert part.name.endswith(".part")
    with home.daemon():
        sign_in(home)
        assert moved - (TOGETHER - 1) * CHUNK <= resumed(home, "get", "film", str(to)) < SIZE
    assert [path.name for path in to.iterdir()] == ["film"]
    assert (to / "film").read_bytes() == film.read_bytes()
