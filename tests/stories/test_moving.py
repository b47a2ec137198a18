"""Alice moves house between real daemons: with her old home's help, then without any home."""

from pathlib import Path

import pytest

from tests.daemons.processes import Home, card_of, soon
from tests.stories.test_replicas import BIG, PASSWORD, has_all, knows_both, signed_up


def invited(node: Home) -> str:
    return node.run("invite").ok().out.splitlines()[-1]


def lives_at(alice: Home) -> str:
    done = alice.run("--json", "whoami").ok().events[-1]["done"]
    return str(done["home"]["peer"])  # type: ignore[index]


def new_home_of_alice(bob: Home, peer: str) -> bool:
    (one,) = [each for each in bob.run("--json", "contacts").ok().events if "contact" in each]
    return str(one["contact"]["homes"][0]["peer"]) == peer  # type: ignore[index]


def looks_around(bob: Home) -> None:
    """Whoever signs in asks those whom they follow where they are."""
    bob.run("logout").ok()
    bob.run("login", "bob", "--password-stdin", stdin=PASSWORD).ok()


@pytest.mark.slow
def test_alice_moves_house_twice(tmp_path: Path) -> None:
    first, second, third = (Home(tmp_path / name) for name in ("first", "second", "third"))
    alice, bob = Home(tmp_path / "alice"), Home(tmp_path / "bob")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "small.txt").write_text("hello")
    (tmp_path / "docs" / "big.bin").write_bytes(BIG)
    with third.daemon("serve"), bob.daemon(), alice.daemon():
        with second.daemon("serve") as served:
            with first.daemon("serve"):
                signed_up(alice, "alice", invited(first))
                signed_up(bob, "bob")
                bob.run("follow", card_of(alice)).ok()
                assert soon(lambda: "bob" in alice.run("requests").ok().out)
                alice.run("accept", "bob").ok()
                assert soon(lambda: bob.run("ls", "/alice").code == 0)
                alice.run("put", str(tmp_path / "docs")).ok()
                alice.run("share", "docs", "bob").ok()
                before = lives_at(alice)
                wrong = alice.run(
                    "move", "--to", invited(second), "--password-stdin", stdin="not it\n"
                )
                assert wrong.code == 15
                to = ("move", "--to", invited(second), "--password-stdin")
                assert "You live at" in alice.run(*to, stdin=PASSWORD).ok().out
            # The first home is off for good: nobody needs it.
            alice.run("put", str(tmp_path / "docs" / "small.txt"), "docs/later.txt").ok()
            assert soon(lambda: bob.run("cat", "/alice/docs/later.txt").code == 0)
            allowed = third.run("node", "replicas", "allow", "--ceiling", "1GiB").ok()
            alice.run("replicas", "add", allowed.out.splitlines()[-1]).ok()
            alice.run("replicas", "remove", before).ok()
            assert soon(lambda: has_all(alice))
            looks_around(bob)
            assert soon(lambda: knows_both(bob))
            served.kill()
            served.wait()
        (kept,) = alice.run("--json", "replicas", "list").ok().events[-1]["done"]["replicas"]  # type: ignore[index]
        peer = str(kept["peer"])
        without = ("move", "--to", peer[-10:], "--without-old-home", "--password-stdin")
        shown = alice.run(*without, stdin=PASSWORD).ok().out
        assert "all that was seen here" in shown
        code = shown.splitlines()[-1].split()[-1]
        alice.run(*without, "--accept", code, stdin=PASSWORD).ok()
        assert lives_at(alice) == peer
        alice.run("put", str(tmp_path / "docs" / "small.txt"), "docs/last.txt").ok()
        looks_around(bob)  # else he hears of it by message, as soon as a courier is found
        assert soon(lambda: new_home_of_alice(bob, peer))
        assert soon(lambda: bob.run("cat", "/alice/docs/last.txt").code == 0)
        alice.run("get", "docs/big.bin", str(tmp_path / "mine.bin")).ok()
        assert (tmp_path / "mine.bin").read_bytes() == BIG
