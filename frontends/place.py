"""Where things are in a data folder, and how its socket is reached however long its path is.

    HOME/               0700; --home, else HOLDFAST_HOME, else ~/.holdfast
        config.toml     the node's settings (node/config.py)
        device          what this machine is called, when it was set
        lock            held by the daemon that runs
        socket          0600: the owner's local API
        web-port        the port of the owner's page, where a free one was taken
        open.html       0600: a link to it, while a browser is being opened
        log             what the daemon wrote about itself
        node/           the node's own (node/folder.py)
        handed/         exported files that came through the page and are not imported yet
        people/         what is kept for each person who signed in here, sealed

Only the standard library, and little of it: every start of the command line
pays for this file.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from formats.errors import BadConfig

SOCKET_PATH_LIMIT: Final = 103
"""Bytes of a path that fit into a socket address on every system we run on."""


class Place:
    """One data folder, by its absolute path."""

    __slots__ = ("home",)

    def __init__(self, home: str) -> None:
        self.home = os.path.abspath(home)

    @property
    def config(self) -> str:
        """The node's settings; need not exist."""
        return os.path.join(self.home, "config.toml")

    @property
    def device(self) -> str:
        """What this machine is called, in one line; need not exist."""
        return os.path.join(self.home, "device")

    @property
    def lock(self) -> str:
        """The file whose lock makes a daemon the only one."""
        return os.path.join(self.home, "lock")

    @property
    def socket(self) -> str:
        """The Unix socket of the local API."""
        return os.path.join(self.home, "socket")

    @property
    def web_port(self) -> str:
        """The port of the owner's page that was kept, as text; need not exist."""
        return os.path.join(self.home, "web-port")

    @property
    def opening(self) -> str:
        """A file that leads a browser to the owner's page."""
        return os.path.join(self.home, "open.html")

    @property
    def log(self) -> str:
        """What ``holdfast up`` writes about itself."""
        return os.path.join(self.home, "log")

    @property
    def handed(self) -> str:
        """Exported files that the page hands in; need not exist."""
        return os.path.join(self.home, "handed")

    @property
    def people(self) -> str:
        """What clients keep, one folder a person."""
        return os.path.join(self.home, "people")


def find_place(given: str | None, environ: Mapping[str, str]) -> Place:
    """The data folder that ``--home`` or the environment names, or the usual one."""
    chosen = given or environ.get("HOLDFAST_HOME") or os.path.join("~", ".holdfast")
    expanded = os.path.expanduser(chosen)
    if "\0" in expanded:
        raise BadConfig("the data folder's path has a NUL in it", hint="choose another --home")
    if expanded.startswith("~"):
        raise BadConfig(
            f"there is no home folder to put {chosen} in",
            hint="name the data folder with --home DIR or HOLDFAST_HOME",
        )
    return Place(expanded)


@contextmanager
def socket_address(path: str) -> Iterator[str]:
    """A path that fits into a socket address, good while the context lasts.

    A long one is reached through its folder's descriptor. Raises BadConfig
    where the system has no such way, and FileNotFoundError or another OSError for
    the folder.
    """
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        yield path
        return
    if not sys.platform.startswith("linux") or not os.path.isdir("/proc/self/fd"):
        raise BadConfig(
            f"the data folder's path is too long for a socket ({SOCKET_PATH_LIMIT} bytes)",
            hint="choose a data folder nearer to the root with --home",
        )
    folder, name = os.path.split(path)
    handle = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{name}"
    finally:
        os.close(handle)
