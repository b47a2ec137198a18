"""Several accounts in one daemon, staying signed in, locking, signing in without the home."""

from pathlib import Path

import pytest

from tests.daemons.processes import Home, soon

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"
STDIN = "--password-stdin"


def standing(home: Home) -> dict[str, tuple[bool, bool, bool]]:
    """Signed in, current and staying, by name."""
    found = home.run("--json", "accounts", "list").ok().events[-1]["done"]
    return {
        each["name"]: (each["signed_in"], each["current"], each["stay"])
        for each in found["accounts"]  # type: ignore[index]
    }


def test_accounts_stay_lock_and_switch(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.daemon():
        home.run("signup", "alice", "--stay", STDIN, stdin=PASSWORD).ok()
        invite = home.run("invite").ok().out.splitlines()[-1].strip()
        bob = ("signup", "bob", "--at", invite, "--no-device-secret", STDIN)
        home.run(*bob, stdin=PASSWORD).ok()
        assert standing(home) == {"alice": (True, False, True), "bob": (True, True, False)}
        home.run("mkdir", "of-bob").ok()
        home.run("accounts", "switch", "alice").ok()
        assert home.run("ls").ok().out == ""
        assert home.run("accounts", "switch", "carol").code == 9
        assert "*  alice~" in home.run("accounts", "list").ok().out
    with home.daemon():
        assert standing(home) == {"alice": (True, True, True), "bob": (False, False, False)}
        home.run("mkdir", "of-alice").ok()
        assert "Locked: alice" in home.run("lock").ok().out
        assert home.run("ls").code == 16
        assert standing(home) == {"alice": (False, False, False), "bob": (False, False, False)}
        assert home.run("login", "alice", STDIN, stdin="wrong horse\n").code == 15
    with home.daemon():
        assert home.run("ls").code == 16
        home.run("login", "bob", STDIN, stdin=PASSWORD).ok()
        assert home.run("ls").ok().out == "of-bob/\n"
        home.run("login", "alice", STDIN, stdin=PASSWORD).ok()
        assert home.run("ls").ok().out == "of-alice/\n"
        home.run("logout").ok()
        refused = home.run("ls")
        assert refused.code == 16
        assert "accounts switch bob" in refused.err
        assert standing(home) == {"bob": (True, False, False)}
        home.run("accounts", "switch", "bob").ok()
        home.run("lock", "--after", "1s").ok()
        assert soon(lambda: not standing_of(home, "bob"))
        assert "locked after 1 s " in home.run("status").ok().out
        home.run("lock", "--after", "never").ok()


def standing_of(home: Home, name: str) -> bool:
    """Whether an entry says so, without a call that would count as use."""
    said = home.run("--json", "status").ok().events[-1]["done"]["signed_in"]  # type: ignore[index]
    return said is not None and said["name"] == name


def test_without_the_home_the_password_opens_what_is_kept(tmp_path: Path) -> None:
    friend, mine = Home(tmp_path / "friend"), Home(tmp_path / "mine")
    with mine.daemon():
        with friend.daemon():
            friend.run("signup", "bob", STDIN, stdin=PASSWORD).ok()
            invite = friend.run("invite").ok().out.splitlines()[-1].strip()
            mine.run("signup", "alice", "--at", invite, STDIN, stdin=PASSWORD).ok()
            file = tmp_path / "letter"
            file.write_text("dear friend")
            mine.run("put", str(file)).ok()
            mine.run("lock").ok()
            mine.run("login", "alice", STDIN, stdin=PASSWORD).ok()
            assert mine.run("cat", "letter").ok().out == "dear friend"
            mine.run("lock").ok()
        said = mine.run("login", "alice", STDIN, stdin=PASSWORD).ok()
        assert "cannot be reached" in said.err
        assert mine.run("cat", "letter").ok().out == "dear friend"
        mine.run("lock").ok()
        assert mine.run("login", "alice", STDIN, stdin="wrong horse\n").code == 15
