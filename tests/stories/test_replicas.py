"""Alice's home is killed: Bob and she read on from a replica, until it is back."""

import socket
from pathlib import Path

import pytest

from tests.daemons.processes import Home, card_of, soon

PASSWORD = "correct horse battery staple\n"
BIG = bytes(range(256)) * 4096 * 3


def signed_up(home: Home, name: str, at: str = "") -> None:
    words = ("--at", at) if at else ()
    home.run("signup", name, "--password-stdin", *words, stdin=PASSWORD).ok()


def free_port() -> int:
    """One that the home has again when it is back: a node keeps its port."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def replica(alice: Home) -> dict[str, object]:
    (one,) = alice.run("--json", "replicas", "list").ok().events[-1]["done"]["replicas"]  # type: ignore[index]
    return one  # type: ignore[no-any-return]


def has_all(alice: Home) -> bool:
    return replica(alice)["behind"] == 0


def knows_both(bob: Home) -> bool:
    """Whether Bob would find Alice's replica."""
    (one,) = [each for each in bob.run("--json", "contacts").ok().events if "contact" in each]
    return len(one["contact"]["homes"]) == 2  # type: ignore[index]


@pytest.mark.slow
def test_a_replica_serves_while_the_home_is_dead(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", {"HOLDFAST_PORT": str(free_port())})
    keeper = Home(tmp_path / "keeper")
    alice, bob = Home(tmp_path / "alice"), Home(tmp_path / "bob")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "small.txt").write_text("hello")
    (tmp_path / "docs" / "big.bin").write_bytes(BIG)
    with keeper.daemon("serve"), bob.daemon(), alice.daemon():
        with home.daemon("serve") as served:
            signed_up(alice, "alice", home.run("invite").ok().out.splitlines()[-1])
            signed_up(bob, "bob")
            bob.run("follow", card_of(alice)).ok()
            assert soon(lambda: "bob" in alice.run("requests").ok().out)
            alice.run("accept", "bob").ok()
            assert soon(lambda: bob.run("ls", "/alice").code == 0)
            alice.run("put", str(tmp_path / "docs")).ok()
            alice.run("share", "docs", "bob").ok()
            allowed = keeper.run("node", "replicas", "allow", "--ceiling", "1GiB").ok()
            invite = allowed.out.splitlines()[-1]
            alice.run("replicas", "add", invite, "--ceiling", "500MiB").ok()
            assert soon(lambda: has_all(alice))
            assert soon(lambda: bool(replica(alice)["proven"]))
            bob.run("logout").ok()
            bob.run("login", "bob", "--password-stdin", stdin=PASSWORD).ok()
            assert soon(lambda: knows_both(bob))
            listed = keeper.run("node", "replicas", "list").ok().out
            assert "alice~" in listed
            served.kill()
            served.wait()
        read = bob.run("cat", "/alice/docs/small.txt").ok()
        assert read.out == "hello"
        assert "the home of alice cannot be reached" in read.err
        assert "replica" in read.err
        bob.run("get", "/alice/docs/big.bin", str(tmp_path / "bobs.bin")).ok()
        assert (tmp_path / "bobs.bin").read_bytes() == BIG
        mine = alice.run("get", "docs/big.bin", str(tmp_path / "mine.bin")).ok()
        assert "replica" in mine.err
        assert (tmp_path / "mine.bin").read_bytes() == BIG
        refused = alice.run("put", str(tmp_path / "docs" / "small.txt"), "later.txt")
        assert refused.code != 0
        assert "changes need your home" in refused.err
        assert alice.run("replicas", "list").ok()
        with home.daemon("serve"):
            assert soon(
                lambda: (
                    alice.run("put", str(tmp_path / "docs" / "small.txt"), "later.txt").code == 0
                )
            )
            assert soon(lambda: has_all(alice))
            assert "replica" not in bob.run("ls", "/alice/docs").ok().err
            peer = str(replica(alice)["peer"])
            alice.run("replicas", "remove", peer[-8:]).ok()
            assert alice.run("replicas", "list").ok().out.strip() == "0 replicas"
            assert soon(lambda: "alice" not in keeper.run("node", "replicas", "list").ok().out)
