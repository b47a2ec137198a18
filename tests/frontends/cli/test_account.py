"""Accounts from the command line: real daemons, real passwords."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from frontends.cli.account import usage_lines
from frontends.cli.fields import Fields
from protocols.accounts import Usage
from tests.daemons.processes import Home, Ran, soon

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"


def kind(ran: Ran) -> object:
    """The kind of error of a ``--json`` run."""
    error = ran.events[-1]["error"]
    assert isinstance(error, dict)
    return error["kind"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A daemon with alice on it."""
    home = Home(tmp_path_factory.mktemp("account") / "home")
    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        yield home


@pytest.fixture(autouse=True)
def _signed_in(home: Home) -> None:
    if home.run("whoami").code == 0:
        return
    home.run("login", "alice", "--password-stdin", stdin=PASSWORD).ok()


def test_who_is_signed_in(home: Home) -> None:
    lines = home.run("whoami").ok().out.splitlines()
    assert lines[0].startswith("alice~")
    assert any("/ip4/127.0.0.1/tcp/" in line for line in lines)
    assert lines[-1].startswith("usage  ")
    assert "signed in  alice" in home.run("status").ok().out


def test_doctor_looks_at_the_person_too(home: Home) -> None:
    lines = home.run("doctor").ok().out.splitlines()
    found = {line.split()[1]: line.split()[0] for line in lines if not line.startswith(" ")}
    assert found["network"] == "warning"
    assert {found[name] for name in ("store", "home", "inbox", "histories")} == {"good"}
    assert "usage      " in home.run("status").ok().out
    ran = home.run("doctor", "--save-proof", str(home.path / "proof.cbor"))
    assert ran.code == 9
    assert "no proof is kept" in ran.err
    assert home.run("doctor", "--acknowledge").ok().out.startswith("0 proofs acknowledged.")


def test_whoever_runs_the_node_and_who_lives_there_write_to_each_other(home: Home) -> None:
    assert "says nothing" in home.run("notices", "list").ok().err
    said = home.run("notices", "write", "May I have more room?").ok().out
    assert said == "sent to whoever runs your home; 1 line of yours to be read\n"
    assert "May I have more room?" in home.run("node", "messages", "inbox").ok().out
    home.run("node", "messages", "send", "--to", "alice", "You have 50 GiB.").ok()
    assert home.run("notices", "list").ok().out.endswith("  You have 50 GiB.\n")
    assert soon(
        lambda: "whoever runs your node says: You have 50 GiB." in home.run("status").ok().out
    )
    gone = home.run("node", "messages", "done", "alice", "1").ok().out
    assert gone == "message 1 of alice is gone\n"
    assert home.run("node", "messages", "inbox").ok().out == "0 messages\n"
    assert home.run("node", "messages", "done", "alice", "1").code != 0
    home.run("node", "messages", "remove", "1").ok()
    assert home.run("notices", "write", "two\nlines").code != 0


def test_a_wrong_password(home: Home) -> None:
    home.run("logout").ok()
    ran = home.run("--json", "login", "alice", "--password-stdin", stdin="wrong horse\n")
    assert (ran.code, kind(ran)) == (15, "WrongPassword")
    assert home.run("whoami").code == 16


def test_an_unknown_name_is_answered_like_a_wrong_password(home: Home) -> None:
    home.run("logout").ok()
    one = home.run("login", "zoe", "--password-stdin", stdin=PASSWORD)
    other = home.run("login", "alice", "--password-stdin", stdin="wrong horse\n")
    assert (one.code, one.err) == (other.code, other.err)


def test_without_anybody_signed_in_the_next_command_is_named(home: Home) -> None:
    home.run("logout").ok()
    ran = home.run("whoami")
    assert ran.code == 16
    assert "holdfast login NAME" in ran.err
    assert home.run("status").code == 0


def test_somebody_else_who_does_not_get_in_changes_nothing(home: Home) -> None:
    ran = home.run("--json", "login", "bob", "--password-stdin", stdin=PASSWORD)
    assert kind(ran) == "WrongPassword"
    assert home.run("whoami").ok().out.startswith("alice~")


def test_a_second_account_needs_an_invite(home: Home) -> None:
    home.run("logout").ok()
    refused = home.run("--json", "signup", "bob", "--password-stdin", stdin=PASSWORD)
    assert kind(refused) == "BadInvite"
    invite = home.run("invite", "--quota", "1 GiB", "--days", "1").ok().out.splitlines()[-1]
    words = ["signup", "bob", "--at", invite, "--password-stdin"]
    home.run(*words, stdin=PASSWORD).ok()
    assert "of 1.0 GiB" in home.run("whoami").ok().out
    home.run("logout").ok()
    again = home.run("--json", *["signup", "carl", *words[2:]], stdin=PASSWORD)
    assert kind(again) == "BadInvite"


def test_a_taken_name(home: Home) -> None:
    home.run("logout").ok()
    invite = home.run("invite").ok().out.splitlines()[-1]
    words = ["--json", "signup", "alice", "--at", invite, "--password-stdin"]
    assert kind(home.run(*words, stdin=PASSWORD)) == "Exists"


@pytest.mark.parametrize(
    ("name", "stdin", "said"),
    [
        ("carol", "short\n", "Usage"),
        ("carol", "\n", "Usage"),
        ("carol", "", "Usage"),
        ("Carol!", PASSWORD, "BadName"),
    ],
)
def test_what_cannot_become_an_account(home: Home, name: str, stdin: str, said: str) -> None:
    home.run("logout").ok()
    ran = home.run("--json", "signup", name, "--password-stdin", stdin=stdin)
    assert kind(ran) == said


def test_a_new_password(home: Home) -> None:
    new = "battery staple\n"
    home.run("passwd", "--password-stdin", stdin=PASSWORD + new).ok()
    home.run("logout").ok()
    old_one = home.run("login", "alice", "--password-stdin", stdin=PASSWORD)
    home.run("login", "alice", "--password-stdin", stdin=new).ok()
    home.run("passwd", "--password-stdin", stdin=new + PASSWORD).ok()
    assert old_one.code == 15


def test_the_wrong_old_password_changes_nothing(home: Home) -> None:
    ran = home.run("--json", "passwd", "--password-stdin", stdin="wrong horse\nbattery staple\n")
    assert kind(ran) == "WrongPassword"


def test_without_a_terminal_the_option_is_named(home: Home) -> None:
    ran = home.run("login", "alice")
    assert ran.code == 2
    assert "--password-stdin" in ran.err


def who(at: Home) -> str:
    """What ``whoami`` says, but for how much is stored: that grows by itself after signing in."""
    lines = at.run("whoami").ok().out.splitlines()
    return "\n".join(line for line in lines if not line.startswith("usage"))


def test_an_account_on_another_node(home: Home, tmp_path: Path) -> None:
    """With libp2p between them; later logins need no --at."""
    away = Home(tmp_path / "away")
    invite = home.run("invite").ok().out.splitlines()[-1]
    with away.daemon():
        words = ["signup", "dora", "--at", invite, "--password-stdin"]
        away.run(*words, stdin=PASSWORD).ok()
        here = who(away)
        away.run("logout").ok()
        away.run("login", "dora", "--password-stdin", stdin=PASSWORD).ok()
        assert who(away) == here
        assert home.run("status").ok().out.split("node       ")[1].split()[0] in here


def test_a_home_that_is_down_is_said_within_seconds(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    with other.daemon("serve") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().decode() for _ in range(3)]
    home.run("logout").ok()
    words = ["--json", "signup", "eve", "--at", lines[-1].strip(), "--password-stdin"]
    assert kind(home.run(*words, stdin=PASSWORD)) == "Unreachable"


@pytest.mark.parametrize(
    ("used", "reserved", "warning", "lines"),
    [
        (79, 0, 0, ["79 B of 100 B"]),
        (70, 10, 80, ["80 B of 100 B", "80 % full: "]),
        (96, 8, 95, ["104 B of 100 B", "104 % full: "]),
    ],
)
def test_a_nearly_full_account_is_told(
    used: int, reserved: int, warning: int, lines: list[str]
) -> None:
    usage = Usage(used, reserved, 100)
    assert usage.warning == warning
    fields = {"used": used, "reserved": reserved, "quota": 100, "warning": usage.warning}
    said = usage_lines(Fields(fields))
    assert all(line.startswith(start) for line, start in zip(said, lines, strict=True))


def test_warnings_begin_at_their_percentage() -> None:
    assert [Usage(n, 0, 1000).warning for n in (799, 800, 949, 950)] == [0, 80, 80, 95]
    assert Usage(0, 0, 0).warning == 95  # nothing is allowed at all
