"""A daemon in a process of its own, and the command line against it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PROGRAM: Final = [sys.executable, "-m", "holdfast"]
START_TIME: Final = 60.0


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a process of ours runs in: this checkout, any free port, no colours of the caller's."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'packaging'}",
        "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "HOLDFAST_PORT": "0",
        "HOLDFAST_WEB_PORT": "0",
        "HOLDFAST_LISTEN": "127.0.0.1",
        **(more or {}),
    }


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run of the command line did."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, object]]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    def ok(self) -> "Ran":
        """This, having seen that it went well."""
        assert self.code == 0, (self.code, self.out, self.err)
        return self


@dataclass(slots=True)
class Home:
    """One data folder, and commands run against it."""

    path: Path
    more: dict[str, str] = field(default_factory=dict)

    def run(
        self, *words: str | bytes, stdin: str = "", cwd: Path | None = None, patience: float = 120
    ) -> Ran:
        """Run one command to its end, within so many seconds."""
        done = subprocess.run(
            self.words(*words),
            input=stdin.encode("utf-8", "surrogateescape"),
            capture_output=True,
            timeout=patience,
            env=self.environment(),
            cwd=cwd,
        )
        out = done.stdout.decode("utf-8", "surrogateescape")
        return Ran(done.returncode, out, done.stderr.decode("utf-8", "surrogateescape"))

    def words(self, *words: str | bytes) -> list[str | bytes]:
        """A command line against this folder."""
        return [*PROGRAM, "--home", str(self.path), *words]

    def environment(self) -> dict[str, str]:
        """What it runs in."""
        return environment(self.more)

    def start(self, *words: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
        """Start one command and leave it running."""
        return subprocess.Popen(
            self.words(*words),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )

    @contextmanager
    def daemon(self, word: str = "up") -> Iterator[subprocess.Popen[bytes]]:
        """A daemon for this folder, ready when the block begins, stopped when it ends."""
        process = self.start(word)
        try:
            first = read_line(process)
            assert first, (process.wait(), process.stderr and process.stderr.read())
            yield process
        finally:
            process.terminate()
            finish(process)

    @contextmanager
    def dying(self, *module: str) -> Iterator[None]:
        """The daemon, run by a module that kills it (-9) at some moment within the block."""
        process = subprocess.Popen(
            [sys.executable, "-m", *module, "--home", str(self.path), "up"],
            env=self.environment(),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            assert read_line(process)
            yield
            assert finish(process).code == -9
        finally:
            process.kill()
            finish(process)


def read_line(process: subprocess.Popen[bytes]) -> str:
    """The next line of a process's standard output."""
    assert process.stdout is not None
    return process.stdout.readline().decode("utf-8")


def finish(process: subprocess.Popen[bytes], within: float = 30) -> Ran:
    """Wait for a process to end by itself, and close its pipes."""
    try:
        out, err = process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    return Ran(process.returncode, (out or b"").decode(), (err or b"").decode())


def wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until a file is there; the process that makes it must not end before."""
    end = time.monotonic() + START_TIME
    while not path.exists():
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.005)  # another process: there is nothing to await


def card_of(home: Home) -> str:
    """A fresh card of who is signed in."""
    return home.run("card").ok().out.splitlines()[-1]


def soon(look: Callable[[], bool], seconds: float = 120) -> bool:
    """Whether it becomes true within so long; the other process says when."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if look():
            return True
    return False
