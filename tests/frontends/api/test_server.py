"""The local API over real sockets: what it answers to good, bad, slow and leaving callers."""

import json
import os
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import trio
import trio.testing

from formats.errors import Exists, NotFound
from frontends.api import asking, server
from frontends.api.reply import Json, Reply
from frontends.api.routes import Route, call
from frontends.api.state import State
from tests.daemons.served import answer, read_all, request, served


@dataclass(frozen=True, slots=True)
class Say:
    """A request of these tests."""

    text: str = "hello"
    times: int = 1


async def say(_state: State, asked: Say, reply: Reply) -> Json:
    for _ in range(asked.times):
        await reply.event("said", {"text": asked.text})
    return {"times": asked.times}


async def refuse(_state: State, asked: Say, reply: Reply) -> Json:
    if asked.times:
        await reply.event("said", {})
    raise NotFound("no such thing")


async def crash(_state: State, asked: Say, _reply: Reply) -> Json:
    raise ExceptionGroup("two", [KeyError("name"), ValueError(asked.text)])


async def several(_state: State, _asked: Say, _reply: Reply) -> Json:
    raise ExceptionGroup("two", [KeyError("name"), Exists("that one")])


SAY = call("say", Say, say)
ROUTES = (SAY, call("refuse", Say, refuse), call("crash", Say, crash), call("both", Say, several))


def error_of(events: list[dict[str, object]]) -> dict[str, object]:
    error = events[-1]["error"]
    assert isinstance(error, dict)
    return error


async def test_events_come_as_lines_and_the_last_is_done(tmp_path: Path) -> None:
    async with served(tmp_path / "h", *ROUTES) as local:
        status, events = await local.post("/v1/say", {"text": "hi", "times": 2})
    assert status == 200
    assert events == [{"said": {"text": "hi"}}] * 2 + [{"done": {"times": 2}}]


async def test_an_event_can_be_read_before_the_next_one_is_made(tmp_path: Path) -> None:
    go_on = trio.Event()

    async def two(_state: State, _asked: Say, reply: Reply) -> Json:
        await reply.event("first", {})
        await go_on.wait()
        return {}

    route = call("two", Say, two)
    async with served(tmp_path / "h", route) as local, await local.connect() as stream:
        await stream.send_all(request("POST", "/v1/two"))
        seen = b""
        while b"first" not in seen:
            seen += await stream.receive_some(4096)
        go_on.set()
        assert b'"done"' in await read_all(stream)


async def test_an_error_at_once_has_its_status(tmp_path: Path) -> None:
    async with served(tmp_path / "h", *ROUTES) as local:
        status, events = await local.post("/v1/refuse", {"times": 0})
    assert status == 404
    assert error_of(events) == {
        "kind": "NotFound",
        "message": "no such thing",
        "hint": NotFound.hint,
        "exit": 9,
    }


async def test_an_error_after_events_is_the_last_line(tmp_path: Path) -> None:
    async with served(tmp_path / "h", *ROUTES) as local:
        status, events = await local.post("/v1/refuse", {"times": 1})
    assert status == 200
    assert [next(iter(event)) for event in events] == ["said", "error"]


async def test_a_bug_in_one_handler_is_told_without_its_text_and_stops_nothing(
    tmp_path: Path,
) -> None:
    async with served(tmp_path / "h", *ROUTES) as local:
        status, events = await local.post("/v1/crash", {"text": "my secret diary"})
        again, _ = await local.post("/v1/say", {})
        assert [noted.error.message for noted in local.state.errors] == [
            error_of(events)["message"]
        ]
    assert (status, error_of(events)["kind"], again) == (500, "Internal", 200)
    assert "diary" not in json.dumps(events)
    assert "test_server.py" in str(error_of(events)["message"])


async def test_of_several_failures_the_one_a_person_understands_is_told(tmp_path: Path) -> None:
    async with served(tmp_path / "h", *ROUTES) as local:
        _, events = await local.post("/v1/both", {})
    assert error_of(events)["kind"] == "Exists"


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64, "Malformed"),
        (b"GET\r\n\r\n", "Malformed"),
        (b"POST /v1/say HTTP/1.1\r\nHost: x\r\nContent-Length: nine\r\n\r\n", "Malformed"),
        (b"POST /v1/say HTTP/1.1\r\n" + b"A: " + b"x" * 20_000, "Malformed"),
        (request("POST", "/v1/say", b"{"), "Malformed"),
        (request("POST", "/v1/say", b"[]"), "Malformed"),
        (request("POST", "/v1/say", b"\xff\xfe"), "Malformed"),
        (request("POST", "/v1/say", b'{"text": "a", "text": "b"}'), "Malformed"),
        (request("POST", "/v1/say", b'{"times": NaN}'), "Malformed"),
        (request("POST", "/v1/say", b"[" * 100_000), "Malformed"),
        (request("POST", "/v1/say", b'{"times": ' + b"9" * 5000 + b"}"), "Malformed"),
        (request("POST", "/v1/say", b'{"times": "1"}'), "Usage"),
        (request("POST", "/v1/say", b'{"times": true}'), "Usage"),
        (request("POST", "/v1/say", b'{"colour": "red"}'), "Usage"),
        (request("POST", "/v1/nothing"), "Usage"),
        (request("GET", "/v1/say"), "Usage"),
        (request("DELETE", "/"), "Usage"),
        (b"POST /v1/say HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", "TooLarge"),
        (request("POST", "/v1/say", b" " * (asking.MAX_BODY + 1)), "TooLarge"),
    ],
)
async def test_a_bad_request_is_told_what_is_wrong(tmp_path: Path, sent: bytes, kind: str) -> None:
    async with served(tmp_path / "h", *ROUTES) as local:
        async with await local.connect() as stream, trio.open_nursery() as nursery:
            nursery.start_soon(_send, stream, sent)
            status, events = answer(await _read_answer(stream))
            nursery.cancel_scope.cancel()
        assert (error_of(events)["kind"], status // 100) == (kind, 4)
        assert (await local.post("/v1/say", {}))[0] == 200


async def test_the_largest_body_is_taken(tmp_path: Path) -> None:
    body = b'{"text": "x"}'
    async with served(tmp_path / "h", *ROUTES) as local:
        sent = request("POST", "/v1/say", body + b" " * (asking.MAX_BODY - len(body)))
        assert answer(await local.ask(sent))[0] == 200


async def test_random_junk_never_stops_it(tmp_path: Path, rng: random.Random) -> None:
    async with served(tmp_path / "h", *ROUTES) as local:
        for _ in range(60):
            junk = rng.randbytes(rng.randrange(1, 200))
            async with await local.connect() as stream:
                await stream.send_all(junk)
                await stream.send_eof()
                with trio.move_on_after(60) as patience:
                    await read_all(stream)
                assert not patience.cancelled_caught
        assert (await local.post("/v1/say", {}))[0] == 200


async def test_a_request_that_stops_half_way_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "REQUEST_TIME", 0.05)
    async with served(tmp_path / "h", *ROUTES) as local:
        async with await local.connect() as stream:
            await stream.send_all(request("POST", "/v1/say", b"{}")[:-1])
            _, events = answer(await _read_answer(stream))
        assert error_of(events)["kind"] == "TimedOut"


async def test_connections_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 2)
    async with served(tmp_path / "h", *ROUTES) as local:
        async with await local.connect(), await local.connect():
            await trio.testing.wait_all_tasks_blocked()
            async with await local.connect() as third:
                _, events = answer(await _read_answer(third))
            assert error_of(events)["kind"] == "TooMany"
        await trio.testing.wait_all_tasks_blocked()
        assert (await local.post("/v1/say", {}))[0] == 200


class Watched:
    """A handler that never ends by itself, and tells how it ended."""

    def __init__(self) -> None:
        self.began = trio.Event()
        self.ended = trio.Event()

    async def run(self, _state: State, _asked: Say, reply: Reply) -> Json:
        reply.progress({"files": 3})
        self.began.set()
        try:
            await trio.Event().wait()
        finally:
            self.ended.set()
        return {}

    @property
    def route(self) -> Route:
        return call("watch", Say, self.run)


async def test_a_caller_who_leaves_cancels_the_handler(tmp_path: Path) -> None:
    watched = Watched()
    async with served(tmp_path / "h", watched.route) as local:
        stream = await local.connect()
        await stream.send_all(request("POST", "/v1/watch"))
        await watched.began.wait()
        await stream.aclose()
        with trio.move_on_after(60):
            await watched.ended.wait()
    assert watched.ended.is_set()


async def test_a_caller_who_stops_hears_how_far_it_came(tmp_path: Path) -> None:
    watched = Watched()
    async with served(tmp_path / "h", watched.route) as local, await local.connect() as stream:
        await stream.send_all(request("POST", "/v1/watch"))
        await watched.began.wait()
        await stream.send_eof()
        with trio.fail_after(60):
            _, events = answer(await read_all(stream))
    assert events[0] == {"progress": {"files": 3}}
    assert error_of(events)["kind"] == "Interrupted"


async def test_what_a_caller_sends_after_its_request_is_not_taken_for_another(
    tmp_path: Path,
) -> None:
    async with served(tmp_path / "h", *ROUTES) as local:
        data = await local.ask(request("POST", "/v1/say") * 2)
    assert data.count(b"HTTP/1.1") == 1


async def test_a_reader_who_does_not_read_holds_up_only_itself(tmp_path: Path) -> None:
    async with served(tmp_path / "h", *ROUTES) as local, await local.connect() as lazy:
        body = json.dumps({"text": "x" * 10_000, "times": 1000}).encode()
        await lazy.send_all(request("POST", "/v1/say", body))
        await trio.testing.wait_all_tasks_blocked()
        assert (await local.post("/v1/say", {}))[0] == 200


async def test_progress_never_waits_and_the_newest_is_told(tmp_path: Path) -> None:
    async def many(_state: State, _asked: Say, reply: Reply) -> Json:
        for number in range(10_000):
            reply.progress({"files": number})
        return {}

    async with served(tmp_path / "h", call("many", Say, many)) as local:
        _, events = await local.post("/v1/many", {})
    assert events == [{"progress": {"files": 9999}}, {"done": {}}]


async def bytes_of(state: State, asked: Say, reply: Reply) -> Json:
    for _ in range(asked.times):
        await reply.data(asked.text.encode())
    if asked.text == "bad":
        raise NotFound("the rest is gone")
    return {}


POUR = call("pour", Say, bytes_of, gives_bytes=True)


async def test_bytes_come_as_they_are(tmp_path: Path) -> None:
    async with served(tmp_path / "h", POUR) as local:
        data = await local.ask(request("POST", "/v1/pour", b'{"text": "abc", "times": 2}'))
        empty = await local.ask(request("POST", "/v1/pour", b'{"times": 0}'))
    assert b"application/octet-stream" in data
    assert data.endswith(b"3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n")
    assert b"application/octet-stream" in empty
    assert empty.endswith(b"\r\n\r\n0\r\n\r\n")


async def test_bytes_that_break_off_say_why_and_have_no_regular_end(tmp_path: Path) -> None:
    async with served(tmp_path / "h", POUR) as local:
        data = await local.ask(request("POST", "/v1/pour", b'{"text": "bad"}'))
    assert b"0\r\nHoldfast-Error: " in data
    assert b"the rest is gone" in data
    assert not data.endswith(b"\r\n\r\n")


async def test_an_error_before_the_first_byte_is_a_line_with_its_status(tmp_path: Path) -> None:
    async with served(tmp_path / "h", POUR) as local:
        status, events = await local.post("/v1/pour", {"text": "bad", "times": 0})
    assert (status, error_of(events)["kind"]) == (404, "NotFound")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
async def test_another_user_is_refused_even_where_the_permissions_are_loose() -> None:
    """Not in pytest's own folder: somebody else could not even get there."""
    code = (
        "import os, socket, sys; os.setgroups([]); os.setuid(65534)\n"
        "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
        "s.sendall(b'POST /v1/say HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\n\\r\\n')\n"
        "print(s.recv(4096).decode())"
    )
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        async with served(Path(folder) / "h", *ROUTES) as local:
            os.chmod(local.place.home, 0o755)
            os.chmod(local.place.socket, 0o666)
            words = [sys.executable, "-I", "-c", code, local.place.socket]
            run = partial(subprocess.run, words, stdout=subprocess.PIPE)
            said = str((await trio.to_thread.run_sync(run)).stdout)
    assert "403" in said
    assert "Denied" in said


async def _send(stream: trio.SocketStream, data: bytes) -> None:
    await stream.send_all(data)


async def _read_answer(stream: trio.SocketStream) -> bytes:
    """Read until the answer's last chunk, however long the connection stays."""
    data = b""
    with trio.fail_after(60):
        while not data.endswith((b"\r\n0\r\n\r\n", b"}\n")):
            more = await stream.receive_some(65536)
            if not more:
                break
            data += more
    return data


@pytest.mark.parametrize(
    ("theirs", "status"), [("0.1.0 api=1", 200), ("9.9 api=1", 200), ("9.9 api=2", 422), ("x", 422)]
)
async def test_a_caller_of_another_version_is_told_so(
    tmp_path: Path, theirs: str, status: int
) -> None:
    asked = f"POST /v1/say HTTP/1.1\r\nHost: x\r\nHoldfast-Version: {theirs}\r\n"
    async with served(tmp_path / "h", *ROUTES) as local:
        told = await local.ask(f"{asked}Content-Length: 0\r\n\r\n".encode())
    assert b"Holdfast-Version: 0.1.0 api=1\r\n" in told
    found, events = answer(told)
    assert found == status
    if status != 200:
        assert error_of(events)["kind"] == "UnknownVersion"
