"""Which process is at the other end of a connection on this machine, by what Linux says of it.

Who calls a node under which name is sealed on the line; which process holds the socket is
not, and a daemon cannot help it, whatever identity it dials with.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_TABLE: Final = Path("/proc/net/tcp")
LACKING: Final = "" if _TABLE.exists() else "/proc says nothing of connections here"
"""Why callers cannot be told on this machine; empty where they can."""


def caller(port: int, pids: Mapping[str, int]) -> str:
    """Who of these processes has the socket of loopback with this port of its own; "" for none."""
    wanted = f"socket:[{_inode(port)}]"
    return next((name for name, pid in pids.items() if wanted in _open(pid)), "")


def _inode(port: int) -> str:
    for line in _TABLE.read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1] == f"0100007F:{port:04X}":
            return fields[9]
    return ""


def _open(pid: int) -> set[str]:
    folder = Path(f"/proc/{pid}/fd")
    try:
        return {_target(entry) for entry in folder.iterdir()}
    except FileNotFoundError:
        return set()  # it has ended


def _target(entry: Path) -> str:
    try:
        return os.readlink(entry)
    except FileNotFoundError:
        return ""  # closed meanwhile
