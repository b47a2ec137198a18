"""The command line's side of the local API, against daemons that misbehave."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from formats.errors import (
    BadConfig,
    NoDaemon,
    NotFound,
    ProtocolViolation,
    TimedOut,
    UnknownVersion,
)
from frontends.cli import call
from frontends.cli.call import Answer, ask, read_event
from frontends.place import Place
from frontends.version import HEADER, named

VERSION = f"{HEADER}: {named()}\r\n".encode()
HEAD = (
    b"HTTP/1.1 200 -\r\n" + VERSION + b"Content-Type: application/x-ndjson\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
BYTES = HEAD.replace(b"x-ndjson", b"octet-stream")


@contextmanager
def daemon(folder: Path, says: bytes, wait: threading.Event | None = None) -> Iterator[Place]:
    """Something that takes one request, says this, and hangs up."""
    place = Place(str(folder))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(place.socket)
        server.listen()

        def answer() -> None:
            caller, _ = server.accept()
            with caller:
                request = b""
                while not request.endswith(b"}"):
                    request += caller.recv(4096)
                caller.sendall(says)
                if wait is not None:
                    wait.wait(10)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield place
        finally:
            if wait is not None:
                wait.set()
            thread.join()


def lines(place: Place) -> list[bytes]:
    answer = ask(place, "POST", "/v1/x", {})
    try:
        return list(answer.lines())
    finally:
        answer.close()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_lines_are_whole_however_they_are_cut(tmp_path: Path) -> None:
    says = HEAD + chunk(b'{"a": ') + chunk(b'1}\n{"b": 2}\n') + b"0\r\n\r\n"
    with daemon(tmp_path, says) as place:
        assert lines(place) == [b'{"a": 1}', b'{"b": 2}']


@pytest.mark.parametrize(
    "says",
    [
        b"",
        b"HTTP/1.1 20",
        HEAD[:-3],
        HEAD,
        HEAD + chunk(b"{}\n"),
        HEAD + b"5\r\n{}\n",
        HEAD + chunk(b"{}\n") + b"0\r\n",
    ],
)
def test_a_daemon_that_goes_away_in_the_middle_is_said_to_have(tmp_path: Path, says: bytes) -> None:
    with daemon(tmp_path, says) as place, pytest.raises(NoDaemon) as caught:
        lines(place)
    assert caught.value.exit_code == 17
    assert "acknowledged is safe" in caught.value.advice


@pytest.mark.parametrize(
    "says",
    [
        b"220 mail.example.org ESMTP\r\n",
        b"\0" * 100 + b"\n",
        b"A" * (call.MAX_HEAD + 1),
        HEAD.replace(b"200", b"abc"),
        b"HTTP/1.1 200 -\r\n\r\nhello",
        HEAD + b"xyz\r\n",
        HEAD + b"-5\r\n",
        HEAD + b"ffffffffffff\r\n",
        HEAD + b"2\r\n{}}}\r\n",
        HEAD + chunk(b"no end of line") + b"0\r\n\r\n",
    ],
)
def test_something_else_on_the_socket_is_recognised(tmp_path: Path, says: bytes) -> None:
    with daemon(tmp_path, says) as place, pytest.raises(ProtocolViolation):
        lines(place)


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"{}", b'{"a": 1, "b": 2}', b"nul", b"\xff", b"[" * 9999]
)
def test_a_line_that_is_no_event_is_recognised(line: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        read_event(line)


def test_a_refusal_from_before_the_request_was_read_is_understood(tmp_path: Path) -> None:
    says = b'HTTP/1.1 429 -\r\nConnection: close\r\n\r\n{"error": {}}\n'
    with daemon(tmp_path, says) as place:
        assert lines(place) == [b'{"error": {}}']


def pour(place: Place) -> bytes:
    answer = ask(place, "POST", "/v1/x", {})
    try:
        assert answer.is_bytes
        return b"".join(answer.data())
    finally:
        answer.close()


def test_bytes_arrive(tmp_path: Path) -> None:
    with daemon(tmp_path, BYTES + chunk(b"\0\n\xff") * 2 + b"0\r\n\r\n") as place:
        assert pour(place) == b"\0\n\xff" * 2


def test_bytes_that_break_off_raise_the_reason(tmp_path: Path) -> None:
    reason = b'{"error": {"kind": "NotFound", "message": "gone", "hint": ""}}'
    says = BYTES + chunk(b"abc") + b"0\r\nHoldfast-Error: " + reason + b"\r\n"
    with daemon(tmp_path, says) as place, pytest.raises(NotFound, match="gone"):
        pour(place)


def test_no_daemon_names_the_folder_and_the_command(tmp_path: Path) -> None:
    with pytest.raises(NoDaemon, match=str(tmp_path)) as caught:
        ask(Place(str(tmp_path)), "GET", "/v1/status")
    assert "up" in caught.value.advice


def test_a_socket_nobody_listens_on_is_no_daemon(tmp_path: Path) -> None:
    place = Place(str(tmp_path))
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(place.socket)
    with pytest.raises(NoDaemon):
        ask(place, "GET", "/v1/status")


def test_a_file_or_nothing_in_the_sockets_place_is_no_daemon(tmp_path: Path) -> None:
    (tmp_path / "socket").touch()
    for folder in (tmp_path, tmp_path / "socket", tmp_path / "nowhere"):
        with pytest.raises((NoDaemon, BadConfig)):
            ask(Place(str(folder)), "GET", "/v1/status")


def test_a_daemon_that_hangs_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with daemon(tmp_path, HEAD, threading.Event()) as place:
        answer = ask(place, "GET", "/v1/x", {}, timeout=0.05)
        try:
            with pytest.raises(TimedOut):
                list(answer.lines())
        finally:
            answer.close()


def test_an_answer_can_be_stopped_and_still_read(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(HEAD + chunk(b"{}\n"))
        answer = Answer(ours)
        answer.begin()
        read = answer.lines()
        assert next(read) == b"{}"
        answer.stop()
        assert theirs.recv(10) == b""
        theirs.sendall(chunk(b'{"last": 1}\n') + b"0\r\n\r\n")
        assert list(read) == [b'{"last": 1}']
        answer.close()


@pytest.mark.parametrize("theirs", [b"Holdfast-Version: 9.0 api=2\r\n", b"Holdfast-Version: x\r\n"])
def test_a_daemon_of_another_version_is_said_to_be_one(tmp_path: Path, theirs: bytes) -> None:
    said = HEAD.replace(VERSION, theirs) + chunk(b'{"done": {}}\n') + b"0\r\n\r\n"
    with daemon(tmp_path, said) as place, pytest.raises(UnknownVersion) as caught:
        ask(place, "POST", "/v1/x", {})
    assert "of another version" in caught.value.message
    assert "holdfast up" in caught.value.advice
