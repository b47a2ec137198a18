"""One request to the daemon: HTTP/1.1 over its Unix socket, answered line by line.

``http.client`` would cost more than all the rest of a start, so the little
that is needed of the protocol is spelt out: one request a connection, a body
of JSON, an answer in chunks. An answer is whole when its last chunk has come;
if the connection ends before, the daemon went away, and that is an error.
"""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

from formats.errors import (
    Denied,
    HoldfastError,
    NoDaemon,
    ProtocolViolation,
    TimedOut,
    UnknownVersion,
)
from frontends.cli.fields import Fields
from frontends.cli.pipe import Pump
from frontends.place import Place, socket_address
from frontends.telling import told
from frontends.version import HEADER, misfit, named

CONNECT_TIME: Final = 5.0
"""Seconds to wait for a place in the daemon's queue."""

MAX_HEAD: Final = 16 * 1024
MAX_LINE: Final = 8 * 1024 * 1024
MAX_CHUNK: Final = 64 * 1024 * 1024
BYTES: Final = "application/octet-stream"
FAILED: Final = "holdfast-error"
ASIDE: Final = "holdfast-aside"


class Answer:
    """What the daemon answers, as it comes. Close it when done."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._incoming = connection.makefile("rb")
        self.status = 0
        self.headers: dict[str, str] = {}

    def begin(self) -> None:
        """Read the head: all that is before the first event or byte."""
        status = self._line().split(b" ", 2)
        if len(status) < 2 or not status[0].startswith(b"HTTP/1.") or not status[1].isdigit():
            raise _garbled()
        self.status = int(status[1])
        self.headers = self._fields()

    @property
    def is_bytes(self) -> bool:
        """Whether ``data`` is the way to read it, and not ``lines``."""
        return self.headers.get("content-type") == BYTES

    def lines(self) -> Iterator[bytes]:
        """Each line, without its end."""
        rest = b""
        for chunk in self._chunks():
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
            if len(rest) > MAX_LINE:
                raise _garbled()
        if rest:
            raise _garbled()

    def data(self) -> Iterator[bytes]:
        """The bytes of a file; raises what went wrong in the middle, if anything did."""
        yield from self._chunks()

    def stop(self) -> None:
        """Ask the daemon to stop this; it still says what was done."""
        with suppress(OSError):  # it is gone, so it has stopped
            self._connection.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Leave; what is still under way at the daemon is cancelled."""
        self._incoming.close()
        self._connection.close()

    def _chunks(self) -> Iterator[bytes]:
        if self.headers.get("transfer-encoding") != "chunked":
            yield self._refusal()
            return
        while size := self._size():
            data = self._read(size + 2)
            if data[-2:] != b"\r\n":
                raise _garbled()
            yield data[:-2]
        self._end()

    def _refusal(self) -> bytes:
        """What a daemon says that had not read enough to know how we understand it."""
        if self.status < 400:
            raise _garbled()
        try:
            return self._incoming.read(MAX_HEAD)
        except OSError:
            raise gone() from None

    def _end(self) -> None:
        """Read what follows the last chunk: the reason, when the bytes are not all of the file."""
        while line := self._line():
            name, _, value = line.partition(b":")
            if name.strip().lower() == FAILED.encode():
                raise told(Fields(read_event(value)[1]).values)

    def _size(self) -> int:
        text = self._line().split(b";")[0].strip()
        try:
            size = int(text, 16)
        except ValueError:
            raise _garbled() from None
        if not 0 <= size <= MAX_CHUNK:
            raise _garbled()
        return size

    def _fields(self) -> dict[str, str]:
        fields = {}
        while line := self._line():
            name, _, value = line.partition(b":")
            fields[name.decode("ascii", "replace").strip().lower()] = value.decode(
                "latin-1"
            ).strip()
        return fields

    def _line(self) -> bytes:
        try:
            line = self._incoming.readline(MAX_HEAD)
        except TimeoutError:
            raise _slow() from None
        except OSError:
            raise gone() from None
        if not line.endswith(b"\n"):
            raise gone() if len(line) < MAX_HEAD else _garbled()
        return line.rstrip(b"\r\n")

    def _read(self, size: int) -> bytes:
        try:
            data = self._incoming.read(size)
        except TimeoutError:
            raise _slow() from None
        except OSError:
            raise gone() from None
        if len(data) < size:
            raise gone()
        return data


def ask(
    place: Place,
    method: str,
    path: str,
    arguments: Mapping[str, object] | None = None,
    timeout: float | None = None,
) -> Answer:
    """Send one request. ``timeout``: seconds for each read of the answer, None for ever.

    Raises NoDaemon when nobody answers at this data folder.
    """
    body = b"" if arguments is None else json.dumps(dict(arguments)).encode("ascii")
    head = f"{method} {path} HTTP/1.1\r\nHost: holdfast\r\nConnection: close\r\n"
    head += f"{HEADER}: {named()}\r\n"
    if arguments is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    connection = _connect(place)
    connection.settimeout(timeout)
    try:
        connection.sendall(head.encode("ascii") + b"\r\n" + body)
    except TimeoutError:
        connection.close()
        raise _slow() from None
    except OSError:
        pass  # it may have refused the request before reading all of it: the answer says why
    return _begun(Answer(connection))


def ask_piping(place: Place, path: str, arguments: Mapping[str, object]) -> tuple[Answer, Pump]:
    """Send a request whose body is standard input, while the answer is read."""
    said = json.dumps(dict(arguments))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: holdfast\r\nConnection: close\r\n"
        f"Transfer-Encoding: chunked\r\nContent-Type: {BYTES}\r\nHoldfast-Request: {said}\r\n\r\n"
    )
    connection = _connect(place)
    connection.settimeout(None)
    with suppress(OSError):  # the answer says why
        connection.sendall(head.encode("ascii"))
    pump = Pump(connection)
    pump.start()
    return _begun(Answer(connection)), pump


def _begun(answer: Answer) -> Answer:
    try:
        answer.begin()
        _check_version(answer)
    except HoldfastError:
        answer.close()
        raise
    return answer


def _check_version(answer: Answer) -> None:
    """Return if the daemon is one that this command can understand; raises UnknownVersion."""
    theirs = answer.headers.get(HEADER.lower())
    said = "" if theirs is None else misfit(theirs, "the daemon that runs")
    if said:
        raise UnknownVersion(
            said, hint="stop it and run 'holdfast up' (or 'serve') of this version"
        )


def read_event(line: bytes) -> tuple[str, object]:
    """Kind and value of one line, ``{"kind": value}``."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict) or len(event) != 1:
        raise _garbled()
    ((kind, value),) = event.items()
    return str(kind), value


def read_asides(answer: Answer) -> list[tuple[str, object]]:
    """Kind and value of what is said beside bytes, before them."""
    text = answer.headers.get(ASIDE)
    if text is None:
        return []
    try:
        asides = json.loads(text)
    except (ValueError, RecursionError):
        raise _garbled() from None
    return [read_event(json.dumps(each).encode()) for each in asides]


def gone() -> NoDaemon:
    """The connection ended before the answer did."""
    return NoDaemon(
        "the daemon went away before it had answered",
        hint="what it acknowledged is safe: run 'holdfast up', then the same command again",
    )


def _connect(place: Place) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(CONNECT_TIME)
    try:
        with socket_address(place.socket) as address:
            connection.connect(address)
    except TimeoutError:
        connection.close()
        raise _slow() from None
    except PermissionError:
        connection.close()
        raise Denied(
            f"the daemon of {place.home} belongs to somebody else",
            hint="choose a data folder of your own with --home",
        ) from None
    except OSError:
        connection.close()
        raise NoDaemon(f"no daemon runs for {place.home}") from None
    except HoldfastError:
        connection.close()
        raise
    return connection


def _slow() -> TimedOut:
    return TimedOut(
        "the daemon runs and does not answer",
        hint="it may be very busy or stopped: try again, or stop it and run 'holdfast up'",
    )


def _garbled() -> ProtocolViolation:
    return ProtocolViolation(
        "what answered on the socket is not a Holdfast daemon of this version",
        hint="stop it and run 'holdfast up' again",
    )
