"""Which program this is, and which protocol it speaks."""

import os
import sys
from typing import Final

PROGRAM: Final = "0.1.0"
"""As in pyproject.toml; a test keeps both alike."""

PROTOCOL: Final = 1
"""The number at the end of ``/holdfast/<door>/1``."""


def python_version() -> str:
    """As in ``3.11.7``, without ``platform``, which takes longer to import than to answer."""
    return sys.version.split(maxsplit=1)[0]


def machine() -> str:
    """As in ``Linux 6.1.0 x86_64``."""
    about = os.uname()
    return f"{about.sysname} {about.release} {about.machine}"
