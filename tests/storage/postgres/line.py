"""A line to PostgreSQL that a test cuts: before a statement arrives, or before its answer does."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Lock, Thread
from urllib.parse import urlsplit, urlunsplit

from storage.postgres.address import Address


class Line:
    """Passes bytes on, both ways. Statements are watched on the first connection: the writer's."""

    def __init__(self, address: Address) -> None:
        self._parts = urlsplit(address.url)
        self._password = address
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._pattern: bytes | None = None
        self._answered = False
        self.cuts = 0
        self.refuses = False
        """Whether new connections are closed at once."""

    @property
    def address(self) -> Address:
        """The database, through this line."""
        port = self._listener.getsockname()[1]
        host = f"{self._parts.username}@127.0.0.1:{port}"
        return replace(self._password, url=urlunsplit(self._parts._replace(netloc=host)))

    def cut_at(self, pattern: bytes, *, answered: bool) -> None:
        """Cut once ``pattern`` is sent: before it arrives, or before its answer does."""
        with self._lock:
            self._pattern, self._answered = pattern, answered

    def cut_all(self) -> None:
        """Cut every connection there is."""
        with self._lock:
            for pair in self._pairs:
                _hang_up(pair)
            self._pairs.clear()

    def serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.refuses:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._parts.port or 0))
            with self._lock:
                self._pairs.append((near, far))
                first = len(self._pairs) == 1 and not self.cuts
            Thread(target=self._out, args=(near, far, first), daemon=True).start()
            Thread(target=self._back, args=(near, far), daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_all()

    def _out(self, near: socket.socket, far: socket.socket, watched: bool) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                if watched and self._is_due(data):
                    self.cuts += 1
                    if self._answered:
                        near.setblocking(True)
                        with suppress(OSError):
                            near.shutdown(socket.SHUT_WR)  # whatever is answered goes nowhere
                        far.sendall(data)
                        far.recv(65536)
                    _hang_up((near, far))
                    return
                far.sendall(data)
        _hang_up((near, far))

    def _back(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := far.recv(65536):
                near.sendall(data)
        _hang_up((near, far))

    def _is_due(self, data: bytes) -> bool:
        with self._lock:
            due = self._pattern is not None and self._pattern in data
            if due:
                self._pattern = None
        return due


@contextmanager
def line_to(address: Address) -> Iterator[Line]:
    """A line that is up, until the block is left."""
    line = Line(address)
    serving = Thread(target=line.serve, daemon=True)
    serving.start()
    try:
        yield line
    finally:
        line.close()
        serving.join()


def _hang_up(pair: tuple[socket.socket, socket.socket]) -> None:
    for each in pair:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
