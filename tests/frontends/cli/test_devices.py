"""One's devices from the command line, on machines of one person: list, name, revoke."""

from pathlib import Path

import pytest

from tests.daemons.processes import Home, card_of, soon

pytestmark = pytest.mark.slow

PASSWORD, NEW = "correct horse\n", "battery staple\n"
STDIN = "--password-stdin"


def listed(home: Home) -> dict[str, str]:
    """How each device stands, by name."""
    done = home.run("--json", "devices", "list").ok().events[-1]["done"]
    return {each["name"]: each["standing"] for each in done["devices"]}  # type: ignore[index]


def renewal(home: Home) -> object:
    """How far new secrets are, if that is not finished."""
    return home.run("--json", "devices", "list").ok().events[-1]["done"]["renewal"]  # type: ignore[index]


def who_wrote(home: Home, name: str) -> str:
    """The device that made the newest change of a file."""
    first = home.run("--json", "log", name).ok().events[0]["state"]
    return str(first["device"])  # type: ignore[index]


def called(home: Home, name: str) -> bool:
    """Wait until the device is in the list under its own name."""
    home.run("settings", "device", name).ok()
    return soon(lambda: listed(home).get(name) == "here")


def test_two_devices_of_which_one_is_lost(tmp_path: Path) -> None:
    home, phone = Home(tmp_path / "home"), Home(tmp_path / "phone")
    local = tmp_path / "local"
    local.write_text("hers")
    with home.daemon():
        home.run("signup", "alice", "--stay", STDIN, stdin=PASSWORD).ok()
        invite = home.run("invite").ok().out.splitlines()[-1].strip()
        with phone.daemon():
            phone.run("login", "alice", "--at", invite, "--stay", STDIN, stdin=PASSWORD).ok()
            assert called(home, "desk")
            assert called(phone, "phone")
            home.run("devices", "name", "phone", "old phone").ok()
            assert home.run("devices", "name", "old phone", "desk").code == 10
            phone.run("put", str(local), "a.txt").ok()
            assert who_wrote(home, "a.txt") == "old phone"
            assert listed(home) == {"desk": "here", "old phone": "in"}
            refused = home.run("devices", "revoke", "desk", STDIN, stdin=PASSWORD)
            assert refused.code != 0
            assert "the device you are on" in refused.err
            assert home.run("devices", "revoke", "tablet", STDIN, stdin=PASSWORD).code == 9
            words = ("devices", "revoke", "old phone", "--new-password", STDIN)
            said = home.run(*words, stdin=PASSWORD + NEW).ok()
            assert "old phone is shut out: it can change and read nothing" in said.out
            assert "New secrets for everything" in said.out
            home.run("put", str(local), "b.txt").ok()  # which waits for these
            assert soon(lambda: renewal(home) is None)
            assert soon(lambda: phone.run("mkdir", "x").code == 16)
            for name in ("a.txt", "b.txt"):
                assert phone.run("get", name, "-").code == 16
        with phone.daemon():  # which was to stay signed in
            assert soon(lambda: phone.run("mkdir", "y").code == 16)
            assert phone.run("login", "alice", STDIN, stdin=PASSWORD).code == 15
        assert listed(home) == {"desk": "here", "old phone": "revoked"}
        assert "revoked 2" in home.run("devices", "list").ok().out
        assert who_wrote(home, "a.txt") == "old phone (revoked)"
        assert home.run("ls").ok().out == "a.txt\nb.txt\n"
        assert home.run("get", "a.txt", "-").ok().out == "hers"
        with phone.daemon():  # with the new password it is another machine, and reads everything
            phone.run("login", "alice", STDIN, stdin=NEW).ok()
            assert phone.run("get", "b.txt", "-").ok().out == "hers"


def test_what_a_friend_gave_is_taken_from_the_lost_one_too(tmp_path: Path) -> None:
    """It is started again where its own home is not to be reached, so nobody tells it that."""
    alice, bob, phone = (Home(tmp_path / name) for name in ("alice", "bob", "phone"))
    local = tmp_path / "local"
    local.write_text("hers")
    with alice.daemon():
        alice.run("signup", "alice", "--stay", STDIN, stdin=PASSWORD).ok()
        with bob.daemon():
            bob.run("signup", "bob", "--stay", STDIN, stdin=PASSWORD).ok()
            bob.run("follow", card_of(alice)).ok()
            assert soon(lambda: "bob" in alice.run("requests").ok().out)
            alice.run("accept", "bob", "--back").ok()
            assert soon(lambda: "you follow each other" in bob.run("contacts").ok().out)
            for folder in ("docs", "trip"):
                alice.run("mkdir", folder).ok()
                alice.run("put", str(local), f"{folder}/a.txt").ok()
            alice.run("share", "docs", "bob").ok()
            alice.run("share", "trip", "bob", "--write").ok()
            invite = bob.run("invite").ok().out.splitlines()[-1].strip()
            with phone.daemon():
                phone.run("login", "bob", "--at", invite, "--stay", STDIN, stdin=PASSWORD).ok()
                assert called(phone, "phone")
                assert reads(phone)
                phone.run("put", str(local), "/alice/trip/b.txt").ok()
        with phone.daemon():
            assert reads(phone)  # from alice's home: it needs none of its own for that
        with bob.daemon():
            bob.run("devices", "revoke", "phone", STDIN, stdin=PASSWORD).ok()
            assert soon(lambda: records(alice, "bob") == 2)
            assert soon(lambda: reads(bob))  # has been told where it is now
        with phone.daemon():
            assert soon(lambda: not reads(phone))
            assert phone.run("put", str(local), "/alice/trip/c.txt").code != 0
        with bob.daemon():
            assert soon(lambda: reads(bob))
            bob.run("put", str(local), "/alice/trip/d.txt").ok()
    with alice.daemon():
        assert alice.run("ls", "trip").ok().out == "a.txt\nb.txt\nd.txt\n"


def reads(bob: Home) -> bool:
    """Whether he gets what alice shares, in both ways."""
    codes = {bob.run("get", f"/alice/{folder}/a.txt", "-").code for folder in ("docs", "trip")}
    assert codes <= {0, 9, 14}
    return codes == {0}


def records(home: Home, who: str) -> int:
    """How many identity records somebody has, as far as is known there."""
    done = home.run("--json", "identity", "history", who).ok().events[-1]["done"]
    return len(done["records"])  # type: ignore[index]
