"""What ``holdfast doctor`` can check without a daemon: the data folder, the disk, the clock.

Only the standard library: the command line runs these itself when no daemon answers.
"""

import os
import stat
import time
from typing import Final, NamedTuple

from frontends.place import Place

GOOD: Final = "good"
WARNING: Final = "warning"
BAD: Final = "bad"

LOW_SPACE: Final = 1 << 30
NO_SPACE: Final = 64 << 20
EARLIEST: Final = 1_790_000_000
"""Seconds since 1970, in September 2026: a clock that shows less is wrong."""


class Check(NamedTuple):
    """One finding: what was looked at, how it is, in words, and what to do about it."""

    name: str
    state: str
    said: str
    hint: str = ""

    def fields(self) -> dict[str, str]:
        """As JSON tells it."""
        return self._asdict()


def check_place(place: Place) -> list[Check]:
    """Everything that can be seen from outside a daemon."""
    return [check_folder(place), check_space(place), check_clock(time.time())]


def check_folder(place: Place) -> Check:
    """The data folder is its owner's alone."""
    try:
        found = os.stat(place.home)
    except FileNotFoundError:
        return Check("folder", WARNING, f"{place.home} is not there yet", "'holdfast up' makes it")
    except OSError as error:
        return Check("folder", BAD, f"{place.home}: {error.strerror}", "choose another --home")
    if found.st_uid != os.geteuid():
        return Check("folder", BAD, f"{place.home} belongs to somebody else", f"{_OWN}")
    if stat.S_IMODE(found.st_mode) & 0o077:
        return Check(
            "folder", BAD, f"others may look into {place.home}", f"chmod 700 '{place.home}'"
        )
    if not os.access(place.home, os.W_OK):
        return Check("folder", BAD, f"{place.home} is read-only", f"{_OWN}")
    return Check("folder", GOOD, f"{place.home} is yours alone")


def check_space(place: Place) -> Check:
    """There is room on the data folder's disk."""
    folder = place.home
    while not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    said = f"{free / (1 << 30):.1f} GiB free on the data folder's disk"
    if free < NO_SPACE:
        return Check("space", BAD, said, "free some space: nothing can be stored")
    if free < LOW_SPACE:
        return Check("space", WARNING, said, "free some space soon")
    return Check("space", GOOD, said)


def check_clock(now: float) -> Check:
    """The clock is not absurd (proofs and cards expire by it). ``now``: seconds since 1970."""
    shown = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now))
    if now < EARLIEST:
        return Check("clock", BAD, f"the clock says {shown}", "set the clock of this machine")
    return Check("clock", GOOD, f"the clock says {shown}")


_OWN: Final = "choose a data folder of your own with --home"
