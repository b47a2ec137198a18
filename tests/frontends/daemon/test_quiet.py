"""What the daemons of a household write, at the most talkative level, gives nobody away."""

import subprocess
from pathlib import Path

import pytest

from formats.invite import Invite
from tests.daemons.processes import Home, card_of, finish
from tests.stories.search import Words

pytestmark = pytest.mark.slow

PASSWORD = "correct-horse-battery-staple"
WRONG = "wrong-horse-battery-staple"
NOTICE = "the-cellar-is-flooded-come-home"
CONTENT = "the-letter-says-nothing-happened"
NAME = "letter-to-the-landlord.txt"


def loud(path: Path) -> Home:
    return Home(path, {"HOLDFAST_LOG_LEVEL": "debug"})


def test_a_household_in_its_logs(tmp_path: Path) -> None:
    house, alices = loud(tmp_path / "house"), loud(tmp_path / "alice")
    letter = tmp_path / NAME
    letter.write_text(CONTENT * 3000)
    with house.daemon("serve") as serving, alices.daemon() as up:
        invite = house.run("node", "invite", "new").ok().out.splitlines()[-1]
        words = a_day(house, alices, letter, invite)
        logs = stopped(serving) + stopped(up)
    assert "method=sign_up outcome=ok" in logs
    assert "method=move outcome=ok" in logs
    assert "outcome=WrongPassword" in logs
    assert list(Words(words).in_bytes(logs.encode())) == []


def a_day(house: Home, alices: Home, letter: Path, invite: str) -> list[bytes]:
    """Everything that both may know of; returns what must be in no log."""
    name = "alice-of-the-cellar"
    at = ("--at", invite, "--password-stdin")
    alices.run("signup", name, *at, stdin=f"{PASSWORD}\n").ok()
    alices.run("put", str(letter)).ok()
    alices.run("cat", NAME).ok()
    card = card_of(alices)
    alices.run("follow", card)
    house.run("node", "messages", "send", NOTICE).ok()
    house.run("node", "quota", "set", name, "1GiB").ok()
    assert NOTICE in alices.run("status").ok().out
    alices.run("logout").ok()
    assert alices.run("login", name, "--password-stdin", stdin=f"{WRONG}\n").code == 15
    code = Invite.parse(invite).code
    spelt = (name, PASSWORD, WRONG, NOTICE, CONTENT, NAME, invite, card, str(letter.parent))
    return [*(each.encode() for each in spelt), code, code.hex().encode()]


def stopped(process: subprocess.Popen[bytes]) -> str:
    """All that it wrote about itself."""
    process.terminate()
    return finish(process).err
