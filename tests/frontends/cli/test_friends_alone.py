"""Friends need no network between nodes: nobody to begin with, no DHT, no Internet; homes move."""

from pathlib import Path

import pytest

from tests.daemons.processes import Home, card_of, soon

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"


@pytest.mark.parametrize("more", [{"HOLDFAST_NETWORK_FIND": "false"}, {}])
def test_a_friend_whose_home_moves_is_followed_there(tmp_path: Path, more: dict[str, str]) -> None:
    """Each start takes another port, and Alice's daemon tells her contacts."""
    alice, bob = Home(tmp_path / "alice", more), Home(tmp_path / "bob", more)
    with bob.daemon():
        bob.run("signup", "bob", "--password-stdin", stdin=PASSWORD).ok()
        with alice.daemon():
            alice.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
            bob.run("follow", card_of(alice)).ok()
            assert soon(lambda: "bob" in alice.run("requests").ok().out)
            alice.run("accept", "bob", "--back").ok()
            assert soon(lambda: "you follow each other" in bob.run("contacts").ok().out)
            alice.run("mkdir", "photos").ok()
            alice.run("share", "photos", "bob").ok()
            before = bob.run("whois", "alice").ok().out
        assert "does not answer" in bob.run("whois", "alice").ok().out
        with alice.daemon():
            alice.run("login", "alice", "--password-stdin", stdin=PASSWORD).ok()
            assert soon(lambda: "does not answer" not in bob.run("whois", "alice").ok().out)
            after = bob.run("whois", "alice").ok().out
            assert after.splitlines()[:2] == before.splitlines()[:2]
            assert after != before
            alice.run("mkdir", "photos/new").ok()
            assert soon(lambda: bob.run("ls", "/alice/photos").out == "new/\n")
