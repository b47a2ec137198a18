"""The same through the command line: a daemon, and one process for each command.

Processor time is the daemon's and the commands' together, memory the daemon's.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.measuring import Bench
from benchmarks.place import PASSWORD
from benchmarks.sources import must_be_same_files, must_equal, small_files
from tests.stories.processes import environment, holdfast

_STARTS: Final = 10
_PATIENCE: Final = 60.0
_SETTLE: Final = 3.0
"""Seconds after which an idle daemon has imported everything."""


@dataclass(frozen=True, slots=True)
class Shell:
    """Commands for one daemon."""

    command: str
    env: dict[str, str]

    def run(self, *words: str | Path, told: str | None = None) -> str:
        """Run one command; its output. Raises CalledProcessError; what it complains of is seen."""
        done = subprocess.run(
            [self.command, *words],
            env=self.env,
            input=told,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    def is_answered(self) -> bool:
        """Whether the daemon says that it is there."""
        words = [self.command, "status"]
        return subprocess.run(words, env=self.env, capture_output=True, check=False).returncode == 0

    def until_answered(self) -> None:
        """Ask again and again, as a person would."""
        deadline = time.monotonic() + _PATIENCE
        while not self.is_answered():
            if time.monotonic() > deadline:
                raise TimeoutError("the daemon does not answer")


@contextmanager
def _daemon(bench: Bench) -> Iterator[Shell]:
    """``holdfast up``, just started."""
    command = holdfast(bench.folder)
    env = environment(command, bench.folder / "home", HOLDFAST_LISTEN="127.0.0.1")
    env |= {"HOLDFAST_PORT": "0"}
    with subprocess.Popen([command, "up"], env=env, stdout=subprocess.DEVNULL) as process:
        bench.watched.append(process.pid)
        try:
            yield Shell(str(command), env)
        finally:
            bench.watched.remove(process.pid)
            process.terminate()


def start(bench: Bench) -> None:
    """A command that needs no daemon; the daemon from its start to an answer; the idle daemon."""
    command = holdfast(bench.folder)
    shell = Shell(str(command), environment(command, bench.folder / "home"))
    said = ""
    with bench.measuring("cli/start", items=_STARTS) as stretch:
        for _ in range(_STARTS):
            with stretch.lap():
                said = shell.run("version")
    must_equal(bool(said.strip()), True, "the version")
    with _started(bench):
        time.sleep(_SETTLE)
        with bench.measuring("cli/idle"):
            time.sleep(_SETTLE)


@contextmanager
def _started(bench: Bench) -> Iterator[Shell]:
    """A daemon, timed from its start to its first answer."""
    begun = time.perf_counter()
    with _daemon(bench) as shell:
        with bench.measuring("cli/up") as stretch:
            shell.until_answered()
            stretch.laps.append(time.perf_counter() - begun)
        yield shell


def bulk(bench: Bench) -> None:
    """The large file and small ones, put and got by commands."""
    with _daemon(bench) as shell:
        shell.until_answered()
        shell.run("signup", "alice", "--password-stdin", told=f"{PASSWORD}\n")
        _large(bench, shell)
        _small(bench, shell)


def _large(bench: Bench, shell: Shell) -> None:
    back = bench.folder / "back"
    with bench.measuring("cli/put", size=bench.size):
        shell.run("put", bench.source, "large.bin")
    with bench.measuring("cli/get", size=bench.size):
        shell.run("get", "large.bin", back)
    must_be_same_files(bench.source, back)


def _small(bench: Bench, shell: Shell) -> None:
    many, back = small_files(bench.folder / "many", bench.files), bench.folder / "many.back"
    with bench.measuring("cli/small-put", items=bench.files):
        shell.run("put", many, "many")
    with bench.measuring("cli/list"):
        listed = shell.run("ls", "many")
    must_equal(sorted(listed.split()), sorted(os.listdir(many)), "names")
    with bench.measuring("cli/small-get", items=bench.files):
        shell.run("get", "many", back)
    must_be_same_files(many, back)
    note = bench.folder / "note.txt"
    with bench.measuring("cli/edit", items=_STARTS) as stretch:
        for _ in range(_STARTS):
            note.write_bytes(os.urandom(4096))
            with stretch.lap():
                shell.run("put", note, "note.txt")
    shell.run("get", "note.txt", bench.folder / "note.back")
    must_be_same_files(note, bench.folder / "note.back")
