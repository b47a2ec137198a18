"""The command line as a process: words, exit codes, pipes."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from frontends.cli.main import command_word
from frontends.version import PROGRAM
from tests.daemons.processes import PROGRAM as PROGRAM_WORDS
from tests.daemons.processes import ROOT, Home, environment, finish


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_version_needs_no_daemon(home: Home) -> None:
    assert home.run("version").ok().out.startswith(f"holdfast {PROGRAM}\n")
    (event,) = home.run("version", "--json").ok().events
    done = event["done"]
    assert isinstance(done, dict)
    assert done.keys() == {"program", "protocol", "python", "platform"}


def test_without_a_daemon_the_next_command_is_named(home: Home) -> None:
    ran = home.run("status")
    assert (ran.code, ran.out) == (17, "")
    assert f"holdfast: no daemon runs for {home.path}" in ran.err
    assert "up'" in ran.err


def test_an_error_can_be_read_by_a_program(home: Home) -> None:
    ran = home.run("--json", "status")
    (event,) = ran.events
    error = event["error"]
    assert isinstance(error, dict)
    assert (error["kind"], error["exit"], ran.code, ran.err) == ("NoDaemon", 17, 17, "")


def test_doctor_looks_at_what_it_can_without_a_daemon(home: Home) -> None:
    ran = home.run("doctor")
    assert ran.code == 17
    assert [line.split()[1] for line in ran.out.splitlines() if not line.startswith(" ")] == [
        "folder",
        "space",
        "clock",
        "daemon",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["statsu"], "did you mean 'holdfast status'"),
        (["zzzz"], "there is no command 'zzzz'"),
        (["status", "--verbose"], "see 'holdfast status --help'"),
        (["status", "now"], "that does not belong here: now"),
        (["--jsn", "status"], "--jsn"),
        (["--home"], "--home"),
    ],
)
def test_words_that_do_not_fit_are_explained(home: Home, words: list[str], said: str) -> None:
    ran = Home(home.path).run(*words)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_no_words_show_what_there_is() -> None:
    done = subprocess.run(PROGRAM_WORDS, env=environment(), capture_output=True, text=True)
    assert done.returncode == 2
    assert "holdfast COMMAND --help" in done.stdout


@pytest.mark.parametrize("word", [b"\xff\xfe", b"caf\xe9", b"--home=\xff"])
def test_words_that_are_no_text_are_no_traceback(home: Home, word: bytes) -> None:
    ran = home.run("status", word)
    assert ran.code in (2, 17)
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ([], None),
        (["--json"], None),
        (["--home", "ls"], None),
        (["--home", "x", "ls", "a"], "ls"),
        (["--home=x", "--json", "ls"], "ls"),
        (["nonsense"], "nonsense"),
    ],
)
def test_which_word_is_the_command(words: list[str], command: str | None) -> None:
    assert command_word(words) == command


def test_a_pipe_that_was_closed_is_no_trouble(home: Home) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        process = home.start("version", stdout=writing)
    finally:
        os.close(writing)
    ran = finish(process)
    assert (ran.code, ran.err) == (141, "")


def test_help_into_a_closed_pipe_is_quiet_too(home: Home) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        process = home.start("--help", stdout=writing)
    finally:
        os.close(writing)
    assert finish(process).err == ""


def test_a_terminal_is_shown_no_control_characters(home: Home) -> None:
    controller, terminal = pty.openpty()
    strange = Home(home.path.parent / "a\x1b[31mb")
    process = strange.start("doctor", stdout=terminal)
    os.close(terminal)
    ran = finish(process)
    shown = os.read(controller, 65536)
    os.close(controller)
    assert ran.code == 17
    assert b"\\x1b[31mb" in shown
    assert b"\x1b" not in shown


def test_a_pipe_is_given_names_as_they_are(home: Home) -> None:
    strange = Home(home.path.parent / "Grüße\x1bb")
    assert f"{strange.path} is not there yet" in strange.run("doctor").out


HEAVY = (
    "trio",
    "h11",
    "dataclasses",
    "inspect",
    "asyncio",
    "http.client",
    "ssl",
    "pathlib",
    "nacl",
)


def test_a_command_imports_next_to_nothing(home: Home) -> None:
    code = (
        "import json, sys\nfrom frontends.cli.main import run\n"
        "run(sys.argv[1:])\nprint(json.dumps(sorted(sys.modules)))"
    )
    words = ["-c", code, "--home", str(home.path), "status"]
    done = subprocess.run(
        [sys.executable, *words], env=environment(), cwd=ROOT, capture_output=True, check=True
    )
    modules = set(json.loads(done.stdout))
    assert modules & set(HEAVY) == set()
    assert len(modules) < 130
    assert not [m for m in modules if m.startswith(("libp2p", "cryptography", "client", "node"))]


def test_no_file_of_commands_loads_what_only_a_few_of_them_need() -> None:
    code = (
        "import sys\nfrom frontends.cli.families import families\nassert families()\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), cwd=ROOT, capture_output=True, check=True
    )
    heavy = {"trio", "h11", "asyncio", "ssl", "nacl", "cryptography", "client", "node"}
    assert set(done.stdout.decode().split()) & heavy == set()


def test_settings_are_checked_without_a_daemon(home: Home) -> None:
    home.path.mkdir(mode=0o700)
    file = home.path / "config.toml"
    file.write_text("sign_up = 'open'\n")
    assert home.run("node", "config", "check").ok().out.startswith(f"{file}: in order\n")
    file.write_text("sign_up = 'open'\n\nports = 1\n")
    ran = home.run("node", "config", "check")
    assert (ran.code, "line 3" in ran.err, "ports" in ran.err) == (28, True, True)


def test_anybody_can_check_a_proof_of_two_histories(home: Home, tmp_path: Path) -> None:
    """Without a daemon and an account; what proves nothing is refused with the reason."""
    vectors = json.loads((ROOT / "tests/vectors/fork/proofs.json").read_text())
    whole = bytes.fromhex(vectors["decode"][0]["proof"])
    file = tmp_path / "proof.cbor"
    file.write_bytes(whole)
    lines = home.run("doctor", "--check-proof", str(file)).ok().out.splitlines()
    assert lines[0] == "proven: this space has two histories, and members signed both"
    (event,) = home.run("--json", "doctor", "--check-proof", str(file)).ok().events
    done = event["done"]
    assert isinstance(done, dict)
    assert done["newer"]["seq"] == done["older"]["seq"] == 5
    assert done["newer"]["hash"] != done["older"]["hash"]
    file.write_bytes(whole[:-1])
    assert home.run("doctor", "--check-proof", str(file)).code == 3
    assert home.run("doctor", "--check-proof", str(tmp_path / "none")).code == 9
