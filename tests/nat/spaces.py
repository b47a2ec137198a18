"""Network namespaces: made, entered, and gone by themselves.

A namespace here has no name. It is held by a file descriptor of this process and
by whatever runs in it; when those are gone the kernel takes it apart, with every
interface, route and rule in it, also after kill -9.
"""

import ctypes
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

_CLONE_NEWNET: Final = 0x40000000
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


class Space:
    """A network namespace: one machine, as far as the network is concerned."""

    def __init__(self, name: str) -> None:
        self.name: Final = name
        self._fd: Final = _in_thread(_fresh)
        self.write("/proc/sys/net/ipv6/conf/all/accept_dad", "0")
        self.write("/proc/sys/net/ipv6/conf/default/accept_dad", "0")
        self.ip("link set lo up")

    @property
    def path(self) -> str:
        """A path by which other programs can enter it."""
        return f"/proc/{os.getpid()}/fd/{self._fd}"

    def prefix(self) -> list[str]:
        """The words that run a command in here when put before it."""
        return ["nsenter", f"--net={self.path}", "--"]

    def run(self, *words: str, stdin: str = "") -> str:
        """Run a command in here; its output. Raises with what it said when it fails."""
        done = subprocess.run([*self.prefix(), *words], input=stdin, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{self.name}: {' '.join(words)}\n{stdin}{done.stderr}")
        return done.stdout

    def ip(self, *lines: str) -> None:
        """Run lines of ``ip``, all in one process."""
        self.run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")

    def nft(self, rules: str) -> None:
        """Add rules of nftables."""
        self.run("nft", "-f", "-", stdin=rules)

    def awaits(self, *devices: str) -> None:
        """Return when these are up: the kernel takes up to a second to notice a carrier."""
        until = time.monotonic() + 5
        for device in devices:
            while self._state(device) not in ("UP", "UNKNOWN"):  # a tap device never knows
                if time.monotonic() > until:
                    raise RuntimeError(f"{self.name}: {device} does not come up")
                time.sleep(0.005)

    def _state(self, device: str) -> str:
        return self.run("ip", "-br", "link", "show", "dev", device).split()[1]

    def call(self, function: Callable[[], T]) -> T:
        """Call something in a thread of its own that is in here."""

        def entered() -> T:
            _enter(self._fd)
            return function()

        return _in_thread(entered)

    def write(self, path: str, text: str) -> None:
        """Write to a file of /proc/sys, as this namespace has it."""
        self.call(lambda: Path(path).write_text(text))

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This thread is in here meanwhile. Let nothing else run in it until then."""
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _enter(self._fd)
            yield
        finally:
            _enter(before)
            os.close(before)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._fd)


def _fresh() -> int:
    if _LIBC.unshare(_CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "no network namespace can be made")
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _enter(fd: int) -> None:
    if _LIBC.setns(fd, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "the network namespace cannot be entered")


def _in_thread(function: Callable[[], T]) -> T:
    """Namespaces belong to threads, so what changes them has a thread to itself."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()
