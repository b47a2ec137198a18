"""A proxy before an S3 server, with real sockets, that does to requests what bad days do.

``proxy.plan`` says what happens to the following requests, in order; then all pass. What can
happen is a ``Fault``.
"""

import http.client
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from storage.s3.settings import S3Settings


class Fault(StrEnum):
    """What happens to a request."""

    PASS = "it goes through"
    BUSY = "the server says SlowDown"
    BROKEN = "the server has an internal error"
    DEAF = "no answer ever comes"
    CUT = "the line is cut before the server has it"
    LOST = "the server does it, and the line is cut before the answer"
    HALF = "the line is cut in the middle of the answer"
    TRICKLE = "the answer comes a byte at a time"
    GARBLED = "one bit of the answer's body is another"
    ENDLESS = "the answer is far longer than what was asked for"
    NONSENSE = "the answer is not HTTP"
    SKEWED = "the server lives in another time"
    FORBIDDEN = "the keys may not do this"
    ELSEWHERE = "the bucket is in another region"
    FULL = "the server has no room"


PASSING: Final = (
    Fault.BUSY,
    Fault.BROKEN,
    Fault.DEAF,
    Fault.CUT,
    Fault.LOST,
    Fault.HALF,
    Fault.TRICKLE,
    Fault.ENDLESS,
    Fault.NONSENSE,
)
"""Faults after which the same request may well succeed."""

_SAID: Final = {
    Fault.BUSY: (503, "SlowDown", {}),
    Fault.BROKEN: (500, "InternalError", {}),
    Fault.SKEWED: (403, "RequestTimeTooSkewed", {"Date": "Mon, 01 Jan 2035 00:00:00 GMT"}),
    Fault.FORBIDDEN: (403, "AccessDenied", {}),
    Fault.ELSEWHERE: (301, "PermanentRedirect", {"x-amz-bucket-region": "eu-north-1"}),
    Fault.FULL: (507, "XMinioStorageFull", {}),
}


@dataclass
class Proxy:
    """It runs on ``port``. ``chooses`` is asked when the plan is empty."""

    port: int
    plan: deque[Fault] = field(default_factory=deque)
    seen: list[tuple[str, Fault]] = field(default_factory=list)
    chooses: Callable[[str], Fault] = lambda request: Fault.PASS
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def settings(self, like: S3Settings) -> S3Settings:
        """The same bucket, through here."""
        return S3Settings(f"http://127.0.0.1:{self.port}", like.bucket, like.prefix)

    def meet(self, request: str) -> Fault:
        """What happens to the following request."""
        with self.lock:
            fault = self.plan.popleft() if self.plan else self.chooses(request)
            self.seen.append((request, fault))
            return fault


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: Proxy
    there: int

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what this is for."""


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.proxy.meet(f"{self.command} {self.path}")
        if fault in _SAID:
            self.say(fault)
        elif fault is Fault.DEAF:
            self.wait_for_the_end()
        elif fault is Fault.CUT:
            self.cut()
        elif fault is Fault.NONSENSE:
            self.connection.sendall(b"220 mail.example ESMTP\r\n")
            self.cut()
        else:
            self.forward(fault, body)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any  # noqa: N815

    def forward(self, fault: Fault, body: bytes) -> None:
        there = http.client.HTTPConnection("127.0.0.1", self.server.there)
        there.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            there.putheader(name, value)
        there.endheaders(body)
        answer = there.getresponse()
        data = answer.read()
        there.close()
        if fault is Fault.LOST:
            self.cut()
            return
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}"]
        lines += [
            f"{name}: {value}"
            for name, value in answer.getheaders()
            if name.lower() not in ("transfer-encoding", "connection", "content-length")
        ]
        length = answer.getheader("Content-Length") if self.command == "HEAD" else len(data)
        if fault is Fault.ENDLESS:
            length, data = 2**33, data + b"x" * 65536
        if answer.status != 204:
            lines.append(f"Content-Length: {length}")
        whole = "\r\n".join([*lines, "", ""]).encode() + data
        self.send(fault, whole, len(data))

    def send(self, fault: Fault, whole: bytes, body: int) -> None:
        if fault is Fault.GARBLED and body:
            at = len(whole) - 1 - body // 3
            whole = whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :]
        if fault is Fault.HALF:
            self.connection.sendall(whole[: len(whole) - max(1, body // 2)])
            self.cut()
        elif fault is Fault.TRICKLE:
            self.trickle(whole)
        else:
            self.connection.sendall(whole)

    def trickle(self, whole: bytes) -> None:
        for at in range(len(whole)):
            self.connection.sendall(whole[at : at + 1])
            if self.server.proxy.over.wait(0.05):
                break
        self.cut()

    def say(self, fault: Fault) -> None:
        status, code, headers = _SAID[fault]
        xml = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
        lines = [f"HTTP/1.1 {status} No", f"Content-Length: {len(xml)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = self.command == "HEAD"
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode() + (b"" if head else xml))

    def wait_for_the_end(self) -> None:
        while not self.server.proxy.over.is_set() and self.connection.recv(1):
            pass
        self.cut()

    def cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def proxied(port: int, tls: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    """A proxy before the server on ``port``; spoken to through TLS, if it is given some."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.there = port
        proxy = server.proxy = Proxy(server.server_port)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield proxy
        finally:
            proxy.over.set()
            server.shutdown()
            thread.join()
