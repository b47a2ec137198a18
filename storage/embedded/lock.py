"""One process at a time: a lock of the operating system, which a crash releases by itself."""

import fcntl
import os
from pathlib import Path

from formats.errors import AlreadyRunning
from storage.embedded.files import FILE_MODE


class ProcessLock:
    """Holds ``path`` locked from construction to ``release``; ``AlreadyRunning`` if it is held."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._handle)
            raise AlreadyRunning(f"another process has the store {path.parent} open") from None

    def release(self) -> None:
        """Let another process in. The file stays: removing it would race with a newcomer."""
        os.close(self._handle)
