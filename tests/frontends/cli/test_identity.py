"""Renewing identity keys from the command line, on two machines of one person."""

from pathlib import Path

import pytest

from tests.daemons.processes import Home, soon

pytestmark = pytest.mark.slow

PASSWORD, NEW = "correct horse\n", "battery staple\n"
STDIN = "--password-stdin"


def test_one_machine_renews_and_the_other_is_told(tmp_path: Path) -> None:
    home, laptop = Home(tmp_path / "home"), Home(tmp_path / "laptop")
    with home.daemon():
        home.run("signup", "alice", "--stay", STDIN, stdin=PASSWORD).ok()
        invite = home.run("invite").ok().out.splitlines()[-1].strip()
        there = ("login", "alice", "--at", invite, "--stay", STDIN)
        with laptop.daemon():
            laptop.run(*there, stdin=PASSWORD).ok()
            laptop.run("mkdir", "from-the-laptop").ok()
            said = home.run("identity", "rotate", STDIN, stdin=PASSWORD).ok().out
            assert "record 1 is in force" in said
            assert home.run("ls").ok().out == "from-the-laptop/\n"
            assert soon(lambda: laptop.run("mkdir", "x").code == 16)
            told = laptop.run("ls", "--json")
            assert "renewed elsewhere" in told.out + told.err
            laptop.run("login", "alice", "--stay", STDIN, stdin=PASSWORD).ok()
            laptop.run("mkdir", "again").ok()
            home.run("passwd", "--rotate", STDIN, stdin=PASSWORD + NEW).ok()
        with laptop.daemon():  # which stays signed in with what is of no more use
            assert soon(lambda: laptop.run("mkdir", "y").code == 16)
            assert laptop.run("login", "alice", STDIN, stdin=PASSWORD).code == 15
            laptop.run("login", "alice", STDIN, stdin=NEW).ok()
            assert laptop.run("ls").ok().out == "again/\nfrom-the-laptop/\n"
        lines = home.run("identity", "history").ok().out.splitlines()
        assert [line.split()[1] for line in lines if line.startswith("record")] == ["0", "1", "2"]
        assert sum("(in force)" in line for line in lines) == 1
        assert home.run("identity", "history", "nobody").code == 9
        assert home.run("identity", "rotate", STDIN, stdin=PASSWORD).code == 15
    with home.daemon():  # and this one with what is
        home.run("mkdir", "at-home").ok()
        done = home.run("--json", "identity", "history").ok().events[-1]["done"]
        records = done["records"]  # type: ignore[index]
        assert [each["seq"] for each in records] == [0, 1, 2]
        assert all(len(each["daily"]) == 64 for each in records)
