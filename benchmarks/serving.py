"""A real ``holdfast serve`` in a process of its own, which can be killed and started again."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final, cast

import trio

from formats.invite import Invite
from formats.whereabouts import Home

ROOT: Final = Path(__file__).resolve().parents[1]


class Serving:
    """One node's daemon, on a port of its own that it keeps."""

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder
        self._port: Final = _free_port()
        self._process: subprocess.Popen[str] | None = None
        self._home: Home | None = None
        self.log: Final = folder.with_suffix(".log")

    async def start(self) -> None:
        """Return when it says that it serves."""
        told = await trio.to_thread.run_sync(self._started)
        if told["invite"]:
            self._home = Invite.parse(str(told["invite"])).home

    @property
    def home(self) -> Home:
        """Where it is, once it has started."""
        if self._home is None:
            raise TypeError("it was never started")
        return self._home

    @property
    def pid(self) -> int:
        """The process that runs."""
        return self._running.pid

    async def kill(self) -> bool:
        """End it with SIGKILL; whether it was running until then."""
        process = self._running
        ran = process.poll() is None
        process.kill()
        await self._gone(process)
        return ran

    async def stop(self) -> int:
        """End it with SIGTERM, and say with which code it ended."""
        process = self._running
        process.terminate()
        return await self._gone(process)

    async def run(self, *words: str) -> str:
        """Run a command against it, and return what it printed; raises CalledProcessError."""
        done = await trio.run_process(
            self._words(*words), env=self._environment(), capture_stdout=True
        )
        return done.stdout.decode()

    async def invite(self) -> bytes:
        """The code of a fresh invite."""
        return Invite.parse((await self.run("node", "invite", "new")).splitlines()[-1]).code

    @property
    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None:
            raise TypeError("it was never started")
        return self._process

    def _started(self) -> dict[str, object]:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._words("serve", "--json"),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        line = "" if self._running.stdout is None else self._running.stdout.readline()
        if not line:
            raise ChildProcessError(f"it did not start: {self.log.read_text()[-2000:]}")
        return cast("dict[str, object]", json.loads(line)["serve"])

    async def _gone(self, process: "subprocess.Popen[str]") -> int:
        code = await trio.to_thread.run_sync(process.wait)
        if process.stdout is not None:
            process.stdout.close()
        return code

    def _words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "holdfast", "--home", str(self._folder), *words]

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'packaging'}",
            "HOLDFAST_PORT": str(self._port),
            "HOLDFAST_LISTEN": "127.0.0.1",
        }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
