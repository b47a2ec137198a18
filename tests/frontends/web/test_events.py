"""What changes is told as it comes, as lines or as server-sent events."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest
import trio

from frontends.api.away import noticing
from frontends.api.reply import Json, Reply
from frontends.api.routes import Nothing, call
from frontends.api.state import State
from tests.daemons.gateway import Caller, gateway, visitor_of
from tests.daemons.processes import Home

PASSWORD = "correct horse battery staple\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


Events = AsyncGenerator[tuple[str, dict[str, object]], None]


async def _events(stream: trio.SocketStream) -> Events:
    """Server-sent events of an answer, as they come. Chunk heads are no lines of them."""
    waiting = b""
    while data := await stream.receive_some(65536):
        waiting += data
        *events, waiting = waiting.split(b"\n\n")
        for each in events:
            lines = [line for line in each.splitlines() if b": " in line]
            told = dict(line.split(b": ", 1) for line in lines)
            if b"event" in told:
                yield told[b"event"].decode(), json.loads(told[b"data"])


def test_what_any_program_of_the_owner_does_is_told(home: Home) -> None:
    async def listen(caller: Caller) -> None:
        async with await caller.connect() as stream:
            asked = {"Accept": "text/event-stream"}
            await stream.send_all(caller.request("POST", "/v1/events", asked, b"{}"))
            async with aclosing(_events(stream)) as events:
                assert await anext(events) == ("account", {"name": "alice"})
                await trio.to_thread.run_sync(home.run, "mkdir", "photos")
                assert await _next(events, "changed")
                await trio.to_thread.run_sync(home.run, "lock")
                assert await _next(events, "account") == {"name": None}

    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        trio.run(listen, visitor_of(home))


async def _next(events: Events, kind: str) -> dict[str, object]:
    """What the next event of a kind says."""
    while True:
        found, said = await anext(events)
        if found == kind:
            return said


async def test_any_answer_of_lines_can_be_had_as_events(tmp_path: Path) -> None:
    async def say(_state: State, _asked: Nothing, reply: Reply) -> Json:
        await reply.events("entry", [{"name": "a\nevent: b\n\n"}, {"name": "c"}])
        return {"ok": True}

    async with gateway(tmp_path / "h", call("say", Nothing, say)) as served:
        caller = await served.visitor()
        answer = await caller.ask("POST", "/v1/say", {"Accept": "text/event-stream"})
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.body.decode() == (
        'event: entry\ndata: {"name": "a\\nevent: b\\n\\n"}\n\n'
        'event: entry\ndata: {"name": "c"}\n\n'
        'event: done\ndata: {"ok": true}\n\n'
    )


async def test_who_only_listens_does_not_keep_an_account_open(tmp_path: Path) -> None:
    """Else a page that is open somewhere would keep its account from ever being locked."""
    async with gateway(tmp_path / "h") as served:
        state, at_work = served.state, list[int]()

        async def count(state: State, _asked: Nothing, _reply: Reply) -> Json:
            at_work.append(state.busy)
            return {}

        for listens in (False, True):
            route = noticing(call("count", Nothing, count, listens=listens))
            async with gateway(tmp_path / str(listens), route, state=state) as each:
                await (await each.visitor()).call("count")
    assert at_work == [1, 0]
    assert state.busy == 0
