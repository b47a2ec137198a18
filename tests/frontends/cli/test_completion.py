"""Shells complete our commands, from the table of commands itself."""

import shutil
import subprocess
from pathlib import Path

import pytest

from frontends.cli.completion import SHELLS, steps
from frontends.cli.families import all_names

STEPS = list(steps())
ASKED = [
    ("holdfast in", ["invite"]),
    ("holdfast node qu", ["quota"]),
    ("holdfast node quota ", ["set", "show"]),
    ("holdfast --json node invite re", ["revoke"]),
    ("holdfast completion z", ["zsh"]),
    ("holdfast node invite new --qu", ["--quota"]),
    ("holdfast put --upd", ["--update"]),
    ("holdfast nothing-like-this nod", ["node"]),
]


def script(shell: str, folder: Path) -> Path:
    """The script for a shell, in a file."""
    file = folder / f"holdfast.{shell}"
    file.write_text(SHELLS[shell](STEPS), "utf-8")
    return file


def run(words: list[str]) -> list[str]:
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return sorted(line.split("\t")[0].strip() for line in done.stdout.splitlines() if line)


def test_every_command_is_a_step() -> None:
    assert [step.word for step in STEPS if not step.path] == all_names()
    paths = {step.path for step in STEPS}
    assert {"node", "node invite", "node invite new", "put"} <= paths


@pytest.mark.parametrize(("typed", "offered"), ASKED)
def test_bash(tmp_path: Path, typed: str, offered: list[str]) -> None:
    *before, current = typed.split(" ")
    words = " ".join(f"'{word}'" for word in [*before, current])
    code = (
        f"source '{script('bash', tmp_path)}'; COMP_WORDS=({words}); COMP_CWORD={len(before)}; "
        '_holdfast; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    assert run(["bash", "--norc", "-c", code]) == offered


@pytest.mark.parametrize(("typed", "offered"), ASKED)
def test_fish(tmp_path: Path, typed: str, offered: list[str]) -> None:
    if shutil.which("fish") is None:
        pytest.skip("no fish on this machine")
    code = f"source '{script('fish', tmp_path)}'; complete -C '{typed}'"
    assert run(["fish", "--no-config", "-c", code]) == offered


def test_zsh_reads_it(tmp_path: Path) -> None:
    if shutil.which("zsh") is None:
        pytest.skip("no zsh on this machine")
    assert run(["zsh", "-n", str(script("zsh", tmp_path))]) == []


@pytest.mark.parametrize(("typed", "offered"), ASKED)
def test_zsh(tmp_path: Path, typed: str, offered: list[str]) -> None:
    """Its ``_describe``, which needs a terminal, is replaced by one that prints what begins so."""
    if shutil.which("zsh") is None:
        pytest.skip("no zsh on this machine")
    *before, current = typed.split(" ")
    words = " ".join(f"'{word}'" for word in [*before, current])
    code = (
        "compdef() { }; _describe() { for each in ${words_}; do "
        f'[[ "$each" == "{current}"* ]] && print -r -- "${{each%%:*}}"; done; return 0 }}; '
        f"source '{script('zsh', tmp_path)}'; words=({words}); CURRENT={len(before) + 1}; _holdfast"
    )
    assert run(["zsh", "-f", "-c", code]) == offered
