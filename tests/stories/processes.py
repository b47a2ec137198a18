"""Real processes: the command line run to its end, and daemons that are watched and killed.

Nothing here sleeps: it waits for a line, for an exit, or for its deadline.
"""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import trio

from formats.errors import KINDS, HoldfastError, Internal

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENCE: Final = 120.0
"""Seconds that a command may take unless it is said otherwise."""

_LAUNCHER: Final = """#!{python}
import sys
sys.path.insert(0, {packaging!r})
from holdfast import main
main()
"""


class Late(Exception):
    """Something did not happen in time; says what had been heard until then."""


def holdfast(folder: Path) -> Path:
    """The ``holdfast`` command of this environment; if it has none, one made in ``folder``."""
    installed = Path(sys.executable).parent / "holdfast"
    if installed.exists():
        return installed
    made = folder / "holdfast"
    folder.mkdir(parents=True, exist_ok=True)
    made.write_text(_LAUNCHER.format(python=sys.executable, packaging=str(ROOT / "packaging")))
    made.chmod(0o755)
    return made


def environment(command: Path, home: Path, **more: str) -> dict[str, str]:
    """The environment of a person: this data folder, this command first on the path, UTF-8.

    The router of whoever runs the tests is left alone.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HOLDFAST_")}
    path = f"{command.parent}{os.pathsep}{kept.get('PATH', os.defpath)}"
    ours = {"HOLDFAST_HOME": str(home), "HOLDFAST_NETWORK_MAP_PORT": "false"}
    return {**kept, "PATH": path, "LC_ALL": "C.UTF-8", **ours, **more}


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended: its words, exit code, output, and seconds."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str
    seconds: float

    def check(self) -> "Ran":
        """Itself, if it ended well; else the error whose exit code it is, with what was said."""
        if self.code == 0:
            return self
        said = (self.err or self.out).strip() or "(nothing was said)"
        first, _, rest = said.rpartition("holdfast: ")[2].partition("\n")
        error = BY_EXIT_CODE.get(self.code, Internal)(first, rest.strip())
        error.add_note(f"{' '.join(self.words)}\n  exit {self.code}: {said}")
        raise error

    @property
    def lines(self) -> list[str]:
        """The lines of standard output."""
        return self.out.splitlines()


BY_EXIT_CODE: Final[Mapping[int, type[HoldfastError]]] = {
    kind.exit_code: kind for kind in KINDS.values()
}
"""Which error an exit code stands for."""


async def run(
    words: Sequence[str | Path],
    env: Mapping[str, str],
    stdin: str = "",
    cwd: Path | None = None,
    patience: float = PATIENCE,
) -> Ran:
    """Run a command to its end; ``Late`` when it takes too long."""
    begun = time.monotonic()
    said = tuple(map(str, words))
    with trio.move_on_after(patience):
        done = await trio.run_process(
            said,
            stdin=stdin.encode(),
            capture_stdout=True,
            capture_stderr=True,
            check=False,
            env=env,
            cwd=cwd,
        )
        out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        return Ran(
            (Path(said[0]).name, *said[1:]), done.returncode, out, err, time.monotonic() - begun
        )
    raise Late(f"{' '.join(said)} did not end within {patience} seconds")


_ON_TERMINAL: Final = (
    "import os, sys; os.login_tty(0); os.execvpe(sys.argv[1], sys.argv[1:], os.environ)"
)
"""Makes its standard input the terminal that a process and its children belong to."""


class Running:
    """A process under way. What it writes (both streams, as on a terminal) is heard as it comes."""

    def __init__(self, words: Sequence[str | Path], env: Mapping[str, str], log: Path) -> None:
        self.words: Final = tuple(map(str, words))
        self.log: Final = log
        self._env: Final = dict(env)
        self._heard = ""
        self._more = trio.Event()
        self._ended = trio.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._stream: trio.lowlevel.FdStream | None = None

    async def start(
        self, nursery: trio.Nursery, terminal: bool = False, cwd: Path | None = None
    ) -> None:
        """Start it. ``terminal``: on one of its own, to which ``type`` types."""
        log: BinaryIO = await trio.to_thread.run_sync(lambda: self.log.open("ab"))
        ours, theirs = pty.openpty() if terminal else os.pipe()
        self._heard, self._more, self._ended = "", trio.Event(), trio.Event()
        self._process = await trio.to_thread.run_sync(self._spawn, theirs, terminal, cwd)
        os.close(theirs)
        self._stream = stream = trio.lowlevel.FdStream(ours)

        async def listen() -> None:
            with log:
                async with stream:
                    while data := await _some(stream):
                        log.write(data)
                        log.flush()
                        self._hear(data.decode("utf-8", "replace"))
            await self._reap()

        nursery.start_soon(listen)

    def _spawn(self, output: int, terminal: bool, cwd: Path | None) -> "subprocess.Popen[bytes]":
        wrapped = (sys.executable, "-c", _ON_TERMINAL, *self.words)
        return subprocess.Popen(
            wrapped if terminal else self.words,
            stdin=output if terminal else subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=self._env,
            cwd=cwd,
            start_new_session=not terminal,
        )

    async def type(self, text: str) -> None:
        """Type on its terminal."""
        if self._stream is None:
            raise ValueError(f"{self._said} was not started")
        await self._stream.send_all(text.encode())

    @property
    def heard(self) -> str:
        """Everything it has written since it was started."""
        return self._heard

    async def hears(self, pattern: str, patience: float = PATIENCE) -> re.Match[str]:
        """Wait until what it wrote matches; ``Late`` if it ends before, or in time does not."""
        with trio.move_on_after(patience):
            while not (found := re.search(pattern, self._heard, re.MULTILINE)):
                if self._ended.is_set():
                    raise Late(f"{self._said} ended without {pattern!r}:\n{self._heard[-2000:]}")
                await self._more.wait()
            return found
        raise Late(f"{self._said} did not say {pattern!r} in time:\n{self._heard[-2000:]}")

    async def more(self) -> None:
        """Wait until it writes something, or ends."""
        if not self._ended.is_set():
            await self._more.wait()

    async def ended(self, patience: float = PATIENCE) -> int:
        """Wait for its end; returns the exit code (negative: the signal that killed it)."""
        with trio.move_on_after(patience):
            await self._ended.wait()
        if self._process is None or self._process.returncode is None:
            raise Late(f"{self._said} did not end in time:\n{self._heard[-2000:]}")
        return self._process.returncode

    async def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        await self.signal(signal.SIGKILL)

    async def signal(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        if self._process is not None and not self._ended.is_set():
            self._process.send_signal(number)
        return await self.ended()

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and not self._ended.is_set()

    @property
    def _said(self) -> str:
        return " ".join(self.words)

    def _hear(self, text: str) -> None:
        self._heard += text
        self._more.set()
        self._more = trio.Event()

    async def _reap(self) -> None:
        if self._process is not None:
            await trio.to_thread.run_sync(self._process.wait)
        self._ended.set()
        self._hear("")


async def _some(stream: trio.lowlevel.FdStream) -> bytes:
    """What comes next; nothing at the end. (A terminal whose other side is gone is an error.)"""
    try:
        return bytes(await stream.receive_some())
    except trio.BrokenResourceError:
        return b""
