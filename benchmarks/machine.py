"""What a run was made on: one line, so that figures are never read without it."""

import os
import platform
import subprocess
import time
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path


def line(folder: Path) -> str:
    """Processor, memory, system, versions, load and the disk of ``folder``, when it was asked."""
    load = os.getloadavg()[0]
    parts = [
        time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        f"{os.cpu_count()} × {_processor()}",
        f"{_memory_gib():.0f} GiB",
        f"{platform.system()} {platform.release()}",
        f"{_file_system(folder)}",
        f"Python {platform.python_version()}",
        f"cryptography {version('cryptography')}",
        f"libp2p {version('libp2p')}",
        f"load {load:.1f} at the start",
        f"commit {_commit()}",
    ]
    return " · ".join(parts)


def _processor() -> str:
    with suppress(OSError):
        for text in Path("/proc/cpuinfo").read_text().splitlines():
            if text.startswith("model name"):
                return text.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _file_system(folder: Path) -> str:
    return _said("stat", "-f", "-c", "%T", str(folder)) or "unknown file system"


def _commit() -> str:
    return _said("git", "rev-parse", "--short", "HEAD") or "unknown"


def _said(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stdout.strip()
