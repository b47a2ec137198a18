"""One's devices from the command line, on machines of one person: list, name, revoke."""

from pathlib import Path

import pytest

from tests.daemons.processes import Home, soon

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
