"""Passwords typed on a terminal: never shown, asked for twice when new."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.daemons.processes import Home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home(tmp_path_factory.mktemp("passwords") / "home")
    with home.daemon():
        yield home


TAKE_TERMINAL = (
    "import os, sys; os.open(sys.argv[1], os.O_RDWR); os.execvp(sys.argv[2], sys.argv[2:])"
)


def typed(home: Home, words: list[str], *answers: str | Callable[[str], str]) -> tuple[int, str]:
    """Exit code and all that the terminal showed; each answer is typed at the next prompt."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", TAKE_TERMINAL, os.ttyname(terminal), *home.words(*words)],
        env=home.environment(),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown = b""
    for answer in answers:
        before = len(shown)
        while not shown[before:].rstrip(b" ").endswith(b":"):
            shown += os.read(controller, 4096)
        said = answer if isinstance(answer, str) else answer(shown.decode())
        os.write(controller, said.encode() + b"\n")
        shown += os.read(controller, 1)
    try:
        while more := os.read(controller, 4096):
            shown += more
    except OSError:  # Linux: the other end is closed
        os.close(controller)
    return process.wait(), shown.decode()


def test_a_new_password_is_asked_for_until_it_will_do(home: Home, tmp_path: Path) -> None:
    answers = ["tiny", "no", "correct horse", "correct hose", "correct horse", "correct horse"]
    code, shown = typed(home, ["signup", "alice"], *answers, "")
    assert code == 0, shown
    assert "easily guessed" in shown
    assert "made by chance" in shown
    assert "not the same" in shown
    assert "You are alice~" in shown
    assert "Not checked yet" in shown
    assert not any(answer in shown for answer in answers if answer != "no")
    home.run("logout").ok()
    code, shown = typed(home, ["login", "alice"], "correct horse")
    assert (code, "correct horse" in shown) == (0, False)


def three_words(shown: str) -> str:
    """What a person answers who wrote the kit down."""
    words = dict(re.findall(r"^ +(\d+)  ([a-z-]+)\r?$", shown, flags=re.M))
    return " ".join(words[place] for place in re.findall(r"\d+", shown.splitlines()[-1]))


def test_the_kit_of_a_new_account_is_asked_about(tmp_path: Path) -> None:
    home, password = Home(tmp_path / "home"), "some battery of horses"
    with home.daemon():
        answers: list[str | Callable[[str], str]] = [password, password, "not it", three_words]
        code, shown = typed(home, ["signup", "alice"], *answers)
        assert code == 0, shown
        assert "Those are the words" in shown
        assert "checked" in home.run("recovery", "status").ok().out
        assert "not yet" not in home.run("recovery", "status").ok().out


def test_without_a_daemon_nobody_types_in_vain(tmp_path: Path) -> None:
    code, shown = typed(Home(tmp_path / "none"), ["login", "alice"])
    assert code == 17
    assert "assword" not in shown


def test_three_bad_ones_are_enough(home: Home) -> None:
    code, shown = typed(home, ["signup", "bob"], "a", "", "b", "", "c", "")
    assert code == 2
    assert "no password was chosen" in shown


def test_a_weak_one_is_taken_from_who_says_so(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.daemon():
        refused = home.run("signup", "eve", "--password-stdin", stdin="password1\n")
        assert refused.code == 2
        assert "easily guessed" in refused.err
        assert "--weak-password" in refused.err
        code, shown = typed(home, ["signup", "eve", "--no-kit"], "password1", "yes", "password1")
        assert code == 0, shown
        words = ["passwd", "--password-stdin"]
        weaker = "password1\nqwertyuiop\n"
        assert home.run(*words, stdin=weaker).code == 2
        home.run(*words, "--weak-password", stdin=weaker).ok()


def test_a_passphrase_needs_no_daemon(tmp_path: Path) -> None:
    said = Home(tmp_path / "none").run("passphrase", "--words", "8").ok()
    assert len(said.out.split()) == 8
    assert Home(tmp_path / "none").run("passphrase", "--words", "3").code == 2
