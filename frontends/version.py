"""Which program this is, and which protocol it speaks."""

from typing import Final

PROGRAM: Final = "0.1.0"
"""As in pyproject.toml; a test keeps both alike."""

PROTOCOL: Final = 1
"""The number at the end of ``/holdfast/<door>/1``."""
