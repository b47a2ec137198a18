"""A large file through the gateway: broken off, the daemon stopped, gone on with."""

import json
import random
from pathlib import Path

import pytest
import trio

from formats.limits import CHUNK
from tests.daemons.gateway import Answered, Caller, parsed, visitor_of
from tests.daemons.processes import Home
from tests.daemons.served import read_all

PASSWORD = "correct horse battery staple\n"
FILM = random.Random("film").randbytes(2 * CHUNK + 12345)
ASKED = {"to": "film \u00e9.mp4", "size": len(FILM), "mark": "film/1/2"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def offset_of(caller: Caller) -> int:
    answer = trio.run(caller.call, "upload/begin", ASKED)
    return int(answer.lines[-1]["done"]["offset"])


async def send(caller: Caller, offset: int, upto: int) -> Answered:
    """Send a part as browsers do, with its whole length; stop at ``upto``."""
    arguments = json.dumps({**ASKED, "offset": offset, "modified": 1_700_000_000_000})
    head = {"Holdfast-Request": arguments, "Content-Length": str(len(FILM) - offset)}
    async with await caller.connect() as stream:
        await stream.send_all(caller.request("POST", "/v1/upload", head) + FILM[offset:upto])
        if upto < len(FILM):
            return Answered(0, {}, b"", b"")
        return parsed(await read_all(stream))


def test_a_large_file_goes_on_where_it_broke_off(home: Home, tmp_path: Path) -> None:
    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        caller = visitor_of(home)
        assert offset_of(caller) == 0
        trio.run(send, caller, 0, CHUNK + 99)
        assert offset_of(caller) == CHUNK
    with home.daemon():
        home.run("login", "alice", "--password-stdin", stdin=PASSWORD).ok()
        caller = visitor_of(home)
        assert offset_of(caller) == CHUNK
        answer = trio.run(send, caller, CHUNK, len(FILM))
        assert answer.lines[-1]["done"] is not None
        wrong = [{"size": -1}, {"size": 2**53 + 1}, {"size": 5, "offset": 6}, {"offset": -1}]
        wrong += [{"modified": 2**44}, {"modified": -(2**44)}]
        for each in wrong:
            arguments = json.dumps({**ASKED, **each})
            answer = trio.run(caller.ask, "POST", "/v1/upload", {"Holdfast-Request": arguments})
            assert answer.kind in ("Usage", "TooLarge")
        home.run("get", "film \u00e9.mp4", str(tmp_path / "got")).ok()
    assert (tmp_path / "got").read_bytes() == FILM
    assert (tmp_path / "got").stat().st_mtime == 1_700_000_000
