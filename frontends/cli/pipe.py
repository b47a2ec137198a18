"""Standard input on its way to the daemon: the body of a request, in chunks, as it comes.

A thread of its own reads and sends, so that the answer can be read meanwhile. Only the
end of the input ends the body; whatever else stops it leaves the body broken off, and
then the daemon keeps nothing of it.
"""

import os
import socket
import time
from contextlib import suppress
from threading import Thread
from typing import Final

from formats.errors import HoldfastError, StorageFailed

AT_ONCE: Final = 1024 * 1024
STDIN: Final = 0
GRACE: Final = 0.02
"""Seconds between the end of the input and saying so: Ctrl-C ends the program before the
pipe too, and what it had written must not pass for all of it."""


class Pump(Thread):
    """Sends what comes through ``source`` (a file descriptor) over a connection."""

    def __init__(self, connection: socket.socket, source: int = STDIN) -> None:
        super().__init__(daemon=True, name="standard input")  # it may wait for ever
        self._connection: Final = connection
        self._source: Final = source
        self.failed: HoldfastError | None = None
        """Why the input could not be read to its end."""

    def run(self) -> None:
        """Until the end of the input, or until nobody takes it any more."""
        with suppress(OSError):  # the daemon does not want more: its answer says why
            while data := self._read():
                self._connection.sendall(b"%x\r\n%b\r\n" % (len(data), data))
            if self.failed is None:
                time.sleep(GRACE)
                self._connection.sendall(b"0\r\n\r\n")
            else:
                self._connection.shutdown(socket.SHUT_WR)

    def _read(self) -> bytes:
        try:
            return os.read(self._source, AT_ONCE)
        except OSError as error:
            said = f"standard input: {error.strerror}"
            self.failed = StorageFailed(said, hint="nothing was stored")
            return b""
