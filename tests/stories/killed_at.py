"""A daemon that kills itself, as kill -9 does, when a transfer has moved so many bytes.

    python -m tests.stories.killed_at BYTES [word of holdfast ...]

What was counted by then is durable, and the rest of the transfer never happens: whoever
watches from outside would kill it sooner or later than that.
"""

import os
import signal
import sys

import pytest

from client.drive.events import Told
from frontends.cli.main import main

_moved = Told.moved


def die_at(limit: int) -> None:
    """From now on, the first call that has moved this many bytes is the end."""

    async def moved(told: Told, size: int, path: str = "") -> None:
        if told.bytes + size >= limit:
            os.kill(os.getpid(), signal.SIGKILL)
        await _moved(told, size, path)

    pytest.MonkeyPatch().setattr(Told, "moved", moved)


if __name__ == "__main__":
    die_at(int(sys.argv.pop(1)))
    main()
