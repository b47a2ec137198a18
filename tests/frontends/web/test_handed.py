"""An exported file that a browser hands in: broken off, gone on with, imported, and wrong ones."""

import json
import os
import time
from pathlib import Path

import pytest
import trio

from formats.limits import CHUNK
from frontends.api.handed import KEPT, LOOKED_AT
from tests.daemons.gateway import Answered, Caller, parsed, visitor_of
from tests.daemons.processes import Home
from tests.daemons.served import read_all

PASSWORD = "correct horse battery staple"
STDIN = f"{PASSWORD}\n"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An account with a large file, whose home is gone."""
    folder = tmp_path_factory.mktemp("lost")
    home = Home(folder / "home")
    (folder / "film.bin").write_bytes(bytes(CHUNK))
    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin=STDIN).ok()
        home.run("put", str(folder / "film.bin")).ok()
        home.run("export", str(folder / "alice.car"), "--password-stdin", stdin=STDIN).ok()
    return (folder / "alice.car").read_bytes()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def begun(caller: Caller, data: bytes, mark: str = "alice.car") -> Answered:
    return trio.run(caller.call, "import/begin", {"size": len(data), "mark": mark})


def offset_of(caller: Caller, data: bytes) -> int:
    return int(begun(caller, data).lines[-1]["done"]["offset"])


async def take(
    caller: Caller, data: bytes, offset: int, upto: int, size: int | None = None
) -> Answered:
    """Send a part as browsers do; stop at ``upto``. ``size``: that is said of the file."""
    size = len(data) if size is None else size
    arguments = json.dumps({"size": size, "mark": "alice.car", "offset": offset})
    head = {"Holdfast-Request": arguments, "Content-Length": str(len(data) - offset)}
    async with await caller.connect() as stream:
        await stream.send_all(caller.request("POST", "/v1/import/take", head) + data[offset:upto])
        if upto < len(data):
            return Answered(0, {}, b"", b"")
        return parsed(await read_all(stream))


def arrived(caller: Caller, data: bytes, least: int) -> int:
    """How much is here, once it is at least so much and whoever sent it has gone."""
    while (here := offset_of(caller, data)) < least:
        pass
    return here


def test_it_goes_on_where_it_broke_off_and_is_imported(home: Home, exported: bytes) -> None:
    half = len(exported) // 2
    with home.daemon():
        caller = visitor_of(home)
        assert offset_of(caller, exported) == 0
        trio.run(take, caller, exported, 0, half)
        assert arrived(caller, exported, half) == half
    with home.daemon():
        caller = visitor_of(home)
        assert trio.run(take, caller, exported, 0, len(exported)).kind == "Conflict"
        done = trio.run(take, caller, exported, half, len(exported)).lines[-1]["done"]
        assert done["device_secret"] is False
        assert offset_of(caller, exported) == len(exported)
        asked = {"file": done["file"], "password": "something else"}
        assert trio.run(caller.call, "import", asked).kind == "WrongPassword"
        asked["password"] = PASSWORD
        found = trio.run(caller.call, "import", asked).lines[-1]["done"]
        assert found["moved"] is True
        assert "film.bin" in home.run("ls").ok().out
        assert list((home.path / "handed").iterdir()) == []
        assert trio.run(caller.call, "import", asked).kind == "Expired"


def test_what_is_no_exported_account_is_said_at_once(home: Home) -> None:
    film = bytes(2 * LOOKED_AT)
    with home.daemon():
        caller = visitor_of(home)
        assert trio.run(take, caller, film, 0, len(film)).kind == "Malformed"
        assert trio.run(take, caller, film[:9], 0, 9).kind == "Malformed"
        assert list((home.path / "handed").iterdir()) == []


def test_a_file_that_was_spoilt_can_be_sent_anew(home: Home, exported: bytes) -> None:
    spoilt = exported[:-100] + bytes(100)
    with home.daemon():
        caller = visitor_of(home)
        word = trio.run(take, caller, spoilt, 0, len(spoilt)).lines[-1]["done"]["file"]
        answer = trio.run(caller.call, "import", {"file": word, "password": PASSWORD})
        assert answer.kind in ("Damaged", "BadBlock")
        assert offset_of(caller, spoilt) == 0


def test_sizes_and_words_that_do_not_fit(home: Home, exported: bytes) -> None:
    with home.daemon():
        caller = visitor_of(home)
        for size, kind in (
            (0, "Usage"),
            (-1, "Usage"),
            (2**53 + 1, "TooLarge"),
            (2**52, "DiskFull"),
        ):
            asked = {"size": size, "mark": "m"}
            assert trio.run(caller.call, "import/begin", asked).kind == kind
        over = trio.run(take, caller, exported, 0, len(exported), len(exported) - 1)
        assert over.kind == "Malformed"
        lacks = trio.run(take, caller, exported, 0, len(exported), len(exported) + 1)
        assert lacks.kind == "Malformed"
        for word in ("../node", "0" * 32, ""):
            asked = {"file": word, "password": PASSWORD}
            assert trio.run(caller.call, "import", asked).kind in ("Expired", "Usage")


def test_what_nobody_wanted_is_let_go_of(home: Home, exported: bytes) -> None:
    with home.daemon():
        caller = visitor_of(home)
        trio.run(take, caller, exported, 0, len(exported))
    (kept,) = (home.path / "handed").iterdir()
    with home.daemon():
        assert offset_of(visitor_of(home), exported) == len(exported)
    old = time.time() - KEPT - 60
    os.utime(kept, (old, old))
    with home.daemon():
        caller = visitor_of(home)
        while offset_of(caller, exported):
            pass
