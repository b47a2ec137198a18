"""Which program this is, and which protocol it speaks."""

import os
import sys
from typing import Final

PROGRAM: Final = "0.1.0"
"""As in pyproject.toml; a test keeps both alike."""

PROTOCOL: Final = 1
"""The number at the end of ``/holdfast/<door>/1``."""


API: Final = 1
"""The number of the local API: what a command and a daemon must have in common."""

HEADER: Final = "Holdfast-Version"
"""In each request of ours and in each answer: ``0.1.0 api=1``."""


def named() -> str:
    """This program, as the header names it."""
    return f"{PROGRAM} api={API}"


def misfit(other: str, what: str) -> str:
    """Why the other side does not fit, in words; empty when it does. ``what``: what it is."""
    program, _, api = other.partition(" api=")
    if api == str(API):
        return ""
    theirs = f"{program}, local API {api or 'unknown'}"
    return f"{what} is of another version ({theirs}) than this program ({PROGRAM}, local API {API})"


def python_version() -> str:
    """As in ``3.11.7``, without ``platform``, which takes longer to import than to answer."""
    return sys.version.split(maxsplit=1)[0]


def machine() -> str:
    """As in ``Linux 6.1.0 x86_64``."""
    about = os.uname()
    return f"{about.sysname} {about.release} {about.machine}"
