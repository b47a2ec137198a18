"""Alice's node goes away: what Bob read of hers is still there, through the command line."""

from pathlib import Path

import pytest

from tests.daemons.processes import Home, card_of, soon

PASSWORD = "correct horse battery staple\n"


def known(home: Home, command: str, name: str) -> bool:
    return name in home.run(command).ok().out


@pytest.mark.slow
def test_what_was_read_is_there_while_its_home_is_away(tmp_path: Path) -> None:
    alice, bob = Home(tmp_path / "alice"), Home(tmp_path / "bob")
    big = bytes(range(256)) * 4096 * 7
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "small.txt").write_text("hello")
    (tmp_path / "docs" / "big.bin").write_bytes(big)
    (tmp_path / "docs" / "unread.bin").write_bytes(big[::-1])
    with bob.daemon():
        with alice.daemon():
            for home, name in ((alice, "alice"), (bob, "bob")):
                home.run("signup", name, "--password-stdin", stdin=PASSWORD).ok()
            bob.run("follow", card_of(alice)).ok()
            assert soon(lambda: known(alice, "requests", "bob"))
            alice.run("accept", "bob").ok()
            assert soon(lambda: bob.run("ls", "/alice").code == 0)
            alice.run("put", str(tmp_path / "docs")).ok()
            alice.run("share", "docs", "bob").ok()
            bob.run("get", "/alice/docs/big.bin", str(tmp_path / "first.bin")).ok()
            bob.run("cat", "/alice/docs/small.txt").ok()
            listed = bob.run("ls", "-R", "/alice").ok()
        for turn in range(2):  # at once, and after a restart of Bob's daemon
            away = bob.run("ls", "-R", "/alice").ok()
            assert away.out == listed.out
            assert "the home of alice cannot be reached" in away.err
            poured = bob.run("cat", "/alice/docs/small.txt").ok()
            assert poured.out == "hello"
            assert "the home of alice cannot be reached" in poured.err
            bob.run("get", "--force", "/alice/docs/big.bin", str(tmp_path / "again.bin")).ok()
            assert (tmp_path / "again.bin").read_bytes() == big
            (note, *_) = bob.run("--json", "stat", "/alice/docs/big.bin").ok().events
            assert note["away"]["who"] == "alice"  # type: ignore[index]
            lacking = bob.run("cat", "/alice/docs/unread.bin")
            assert lacking.code == 45
            assert "kept" in lacking.err
            if turn == 0:
                bob.run("logout").ok()
                bob.run("login", "bob", "--password-stdin", stdin=PASSWORD).ok()
