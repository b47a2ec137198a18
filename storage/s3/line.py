"""One connection to an S3 server, used by one thread at a time: a request goes, an answer comes.

The standard library speaks HTTP here; what it lacks are limits. A line that moves nothing for
``Patience.silence`` seconds is broken, and so is a request that takes longer than its size
allows at ``Patience.least_rate``: however slowly a server trickles, a thread comes back.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from storage.s3.settings import S3Settings

MAX_ANSWER: Final = 4 * 1024 * 1024
"""Bytes of an answer that is not a piece of a pack: a list of a thousand names takes 0.5 MiB."""

_SLICE: Final = 256 * 1024


class Broken(Exception):
    """The line broke. ``silent``: no byte of an answer had come."""

    def __init__(self, why: str, silent: bool) -> None:
        super().__init__(why)
        self.why = why
        self.silent = silent


class Untrusted(Exception):
    """The server's certificate is not to be trusted. Trying again would not help."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait: seconds, and bytes a second.

    ``trying``: for how long a request is tried again. ``connecting``: for a connection.
    """

    trying: float = 60.0
    connecting: float = 10.0
    silence: float = 20.0
    least_rate: int = 16 * 1024

    def until(self, size: int) -> float:
        """By when so many bytes have moved, and a little has happened besides."""
        return time.monotonic() + self.silence + size / self.least_rate


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Line:
    """A connection, made when it is first used."""

    def __init__(
        self, settings: S3Settings, patience: Patience, tls: ssl.SSLContext | None
    ) -> None:
        self._settings = settings
        self._patience = patience
        self._tls = tls
        self._http = http.client.HTTPConnection(settings.host, settings.port)
        self.used = 0.0
        """When it was last of use; 0 if it never was."""

    def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: Sequence[bytes],
        most: int = MAX_ANSWER,
    ) -> Answer:
        """Send a request and take its answer, of at most ``most`` bytes; raises Broken."""
        until = self._patience.until(sum(map(len, body)))
        answering = False
        try:
            self._connect(until)
            self._send(method, target, headers, body)
            response = self._http.getresponse()
            answering = True
            answer = self._taken(response, method, most)
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise Untrusted(error.verify_message) from None
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Broken(_in_words(error), not answering) from None
        if response.will_close:
            self.close()
        self.used = time.monotonic()
        return answer

    def close(self) -> None:
        """Hang up."""
        self._http.close()
        self.used = 0.0

    def _connect(self, until: float) -> None:
        held = self._http.sock
        if isinstance(held, _Watched):
            held.until = until
            return
        plain = socket.create_connection(
            (self._settings.host, self._settings.port), self._patience.connecting
        )
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made = plain
            if self._tls is not None:
                made = self._tls.wrap_socket(plain, server_hostname=self._settings.host)
        except BaseException:
            plain.close()
            raise
        self._http.sock = _Watched(made, self._patience.silence, until)

    def _send(
        self, method: str, target: str, headers: Mapping[str, str], body: Sequence[bytes]
    ) -> None:
        self._http.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            self._http.putheader(name, value)
        self._http.endheaders()
        try:
            for part in body:
                self._http.send(part)
        except ConnectionError:
            pass  # a server that refuses does not wait for the rest: its answer says why

    def _taken(self, response: http.client.HTTPResponse, method: str, most: int) -> Answer:
        headers = {name.lower(): value for name, value in response.getheaders()}
        told = headers.get("content-length", "")
        length = int(told) if told.isdecimal() and method != "HEAD" else None
        if length is not None and length > most:
            raise http.client.HTTPException("an answer that is longer than what was asked for")
        held = self._http.sock
        if isinstance(held, _Watched):
            held.until = self._patience.until(most if length is None else length)
        body = response.read(most + 1) if length is None else response.read()
        if len(body) > most:
            raise http.client.HTTPException("an answer that is longer than what was asked for")
        return Answer(response.status, headers, body)


class _Watched:
    """A socket that gives up after ``silence`` seconds without a byte, and at ``until``."""

    def __init__(self, held: socket.socket, silence: float, until: float) -> None:
        self._held = held
        self._silence = silence
        self._readers = 0
        self._closing = False
        self.until = until

    def _watch(self) -> None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("it was too slow")
        self._held.settimeout(min(left, self._silence))

    def sendall(self, data: bytes) -> None:
        """Send it all, a slice at a time."""
        view = memoryview(data)
        for at in range(0, len(view), _SLICE):
            self._watch()
            self._held.sendall(view[at : at + _SLICE])

    def receive(self, buffer: "memoryview") -> int:
        """Read some bytes into a buffer; 0 at the end."""
        self._watch()
        return self._held.recv_into(buffer)

    def makefile(self, mode: str) -> io.BufferedReader:
        """What the standard library reads an answer from."""
        self._readers += 1
        return io.BufferedReader(_Lent(self), 64 * 1024)

    def give_back(self) -> None:
        """An answer was read."""
        self._readers -= 1
        if self._closing and not self._readers:
            self._held.close()

    def close(self) -> None:
        """Hang up, but not on who still reads an answer: the standard library counts on that."""
        self._closing = True
        if not self._readers:
            self._held.close()


class _Lent(io.RawIOBase):
    """The same socket to read from; closing this leaves it open, for the next answer."""

    def __init__(self, watched: _Watched) -> None:
        self._watched = watched

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]  # any buffer: see io
        return self._watched.receive(buffer)

    def close(self) -> None:
        if not self.closed:
            self._watched.give_back()
        super().close()


def _in_words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, socket.gaierror):
        return "its name cannot be found"
    if isinstance(error, ConnectionRefusedError):
        return "it refuses connections"
    if isinstance(error, http.client.IncompleteRead | ConnectionError):
        return "the connection was cut"
    if isinstance(error, http.client.HTTPException):
        return "it does not speak as an S3 server does"
    return f"the connection failed: {type(error).__name__}"
