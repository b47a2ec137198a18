"""Real daemons die by kill -9 in the middle of what moves an account or its keys, and go on.

Revoking a machine, coming back by a kit, exporting and importing: each dies at a counted call, is
started again, is told the same once more; then everything is there, and the node is whole.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from tests.daemons.processes import Home, soon
from tests.frontends.cli.test_devices import called, listed
from tests.stories.test_replicas import BIG, PASSWORD, free_port, has_all, signed_up

pytestmark = pytest.mark.slow

FRESH = "quite another battery of horses\n"
STDIN = "--password-stdin"


@contextmanager
def dying(home: Home, name: str, count: int, when: str) -> Iterator[None]:
    """A daemon that is killed, within the block, at the call of that name and number."""
    with home.dying("tests.stories.killed_in", name, str(count), when):
        yield


def at_a_port(path: Path) -> Home:
    """A home that is found again when it was started anew."""
    return Home(path, {"HOLDFAST_PORT": str(free_port())})


def is_whole(home: Home, tmp_path: Path) -> None:
    """What was put is there byte for byte, it can be gone on with, and the node is whole."""
    home.run("get", "big.bin", str(tmp_path / "back")).ok()
    assert (tmp_path / "back").read_bytes() == BIG
    (tmp_path / "later.txt").write_text("later")
    home.run("put", str(tmp_path / "later.txt")).ok()
    assert home.run("cat", "later.txt").ok().out == "later"
    home.run("node", "verify").ok()


@pytest.mark.parametrize("when", ["before", "after"])
def test_revoking_a_machine(tmp_path: Path, when: str) -> None:
    """At the call that puts other keys in force: done or not, never half."""
    home, phone = at_a_port(tmp_path / "home"), Home(tmp_path / "phone")
    (tmp_path / "big.bin").write_bytes(BIG)
    revoke = ("devices", "revoke", "phone", STDIN)
    with home.daemon(), phone.daemon():
        signed_up(home, "alice")
        invite = home.run("invite").ok().out.splitlines()[-1].strip()
        phone.run("login", "alice", "--at", invite, "--stay", STDIN, stdin=PASSWORD).ok()
        assert called(home, "desk")
        assert called(phone, "phone")
        assert soon(lambda: listed(home) == {"desk": "here", "phone": "in"})
        home.run("put", str(tmp_path / "big.bin")).ok()
    with dying(home, "accounts.succeed", 1, when):
        home.run("login", "alice", STDIN, stdin=PASSWORD).ok()
        assert home.run(*revoke, stdin=PASSWORD).code != 0
    with home.daemon(), phone.daemon():
        home.run("login", "alice", STDIN, stdin=PASSWORD).ok()
        if when == "before":
            assert listed(home) == {"desk": "here", "phone": "in"}
            home.run(*revoke, stdin=PASSWORD).ok()
        assert soon(lambda: listed(home) == {"desk": "here", "phone": "revoked"})
        assert soon(lambda: phone.run("mkdir", "x").code == 16)
        is_whole(home, tmp_path)


@dataclass(frozen=True)
class Loss:
    """What is left of alice: a node that keeps a replica, a paper, and a file that she wrote."""

    keeper: Home
    page: Path
    archive: Path


@pytest.fixture(scope="module")
def loss(tmp_path_factory: pytest.TempPathFactory) -> Loss:
    """She had a laptop as home, which is gone."""
    folder = tmp_path_factory.mktemp("loss")
    keeper, lost = at_a_port(folder / "keeper"), Home(folder / "lost")
    left = Loss(keeper, folder / "kit.html", folder / "alice.car")
    (folder / "big.bin").write_bytes(BIG)
    with keeper.daemon("serve"), lost.daemon():
        signed_up(lost, "alice")
        lost.run("put", str(folder / "big.bin")).ok()
        allowed = keeper.run("node", "replicas", "allow", "--ceiling", "1GiB").ok()
        lost.run("replicas", "add", allowed.out.splitlines()[-1]).ok()
        lost.run("recovery", "kit", "--to", str(left.page), STDIN, stdin=PASSWORD).ok()
        assert soon(lambda: has_all(lost))
        opens = ("--json", "recovery", "rehearse", "--kit", str(left.page), STDIN)
        assert soon(lambda: lost.run(*opens).ok().out.count('"opens": true') == 2)
        lost.run("export", str(left.archive), STDIN, stdin=PASSWORD).ok()
    rmtree(lost.path)
    return left


@pytest.mark.parametrize("name", ["accounts.settle", "accounts.succeed"])
def test_coming_back_by_a_kit(tmp_path: Path, loss: Loss, name: str) -> None:
    """Every call of it is ``tests/client/recovery/test_killed.py``; here are those that decide."""
    copytree(loss.keeper.path, tmp_path / "keeper")
    keeper, alice = Home(tmp_path / "keeper", loss.keeper.more), Home(tmp_path / "alice")
    restore = ("recovery", "restore", "--kit", str(loss.page), STDIN)
    with keeper.daemon("serve"):
        with dying(alice, name, 1, "after"):
            assert alice.run(*restore, stdin=FRESH).code != 0
        with alice.daemon():
            done = alice.run(*restore, stdin=FRESH).ok()
            assert "keys are renewed" in done.out
            is_whole(alice, tmp_path)
            alice.run("logout").ok()
            alice.run("login", "alice", STDIN, stdin=FRESH).ok()


@pytest.mark.parametrize("name", ["replicas.bring", "accounts.settle"])
def test_importing(tmp_path: Path, loss: Loss, name: str) -> None:
    """Every call of it is ``tests/client/archive/test_importing.py``."""
    alice = Home(tmp_path / "alice")
    lives = ("import", str(loss.archive), STDIN)
    with dying(alice, name, 1, "after"):
        assert alice.run(*lives, stdin=PASSWORD).code != 0
    with alice.daemon():
        assert "You live at" in alice.run(*lives, stdin=PASSWORD).ok().out
        is_whole(alice, tmp_path)


def test_exporting(tmp_path: Path) -> None:
    """What was written stays, and is gone on with; the file is whole when it has its name."""
    alice, file = Home(tmp_path / "alice"), tmp_path / "alice.car"
    (tmp_path / "big.bin").write_bytes(BIG)
    export = ("export", str(file), STDIN)
    with alice.daemon():
        signed_up(alice, "alice")
        alice.run("put", str(tmp_path / "big.bin")).ok()
    with dying(alice, "replicas.fetch", 3, "after"):
        alice.run("login", "alice", STDIN, stdin=PASSWORD).ok()
        assert alice.run(*export, stdin=PASSWORD).code != 0
    assert not file.exists()
    assert (tmp_path / "alice.car.part").exists()
    with alice.daemon():
        alice.run("login", "alice", STDIN, stdin=PASSWORD).ok()
        alice.run(*export, stdin=PASSWORD).ok()
        checked = alice.run("import", str(file), "--check", STDIN, stdin=PASSWORD).ok()
        assert "is whole: alice~" in checked.out
        assert not (tmp_path / "alice.car.part").exists()
        is_whole(alice, tmp_path)
