"""Signing in at home from a machine that knows nothing but a friend's node.

The friend's node is asked where the home is, and that is all it learns: what passes to it is
written down, and so is its whole disk; neither holds a password, a device secret, a key, a
name of a file or anything of what is in one.
"""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

import pytest
import trio

from tests.daemons.processes import Home, soon
from tests.frontends.cli.test_finding import address
from tests.stories.proxy import Proxy, proxy

pytestmark = pytest.mark.slow

PASSWORD = "rusty lantern over seven hills"
FILE = "the-names-of-the-apples"
CONTENT = "cox, boskoop, gravenstein and one that nobody remembers"


@contextmanager
def overheard(folder: Path, host: str, port: int) -> Iterator[Proxy]:
    """A proxy to that port that writes everything down, beside tests that block."""
    made: list[Proxy] = []
    stop: list[trio.CancelScope] = []
    token: list[trio.lowlevel.TrioToken] = []

    async def run() -> None:
        token.append(trio.lowlevel.current_trio_token())
        with trio.CancelScope() as scope:
            stop.append(scope)
            async with proxy(folder, host, port, 1) as one:
                made.append(one)
                await trio.sleep_forever()

    thread = Thread(target=trio.run, args=(run,))
    thread.start()
    assert soon(lambda: bool(made))
    try:
        yield made[0]
    finally:
        token[0].run_sync_soon(stop[0].cancel)
        thread.join()


def secrets(home: Home, words: str) -> list[bytes]:
    """What must be nowhere but on its owner's machines."""
    code = (
        "import sys; from client.identity.device_secret import DeviceSecret as D;"
        "d = D.read(sys.stdin.read()); print(d.code.reveal().hex(), d.key.reveal().hex())"
    )
    told = subprocess.run(
        [home.words()[0], "-c", code],
        input=words.encode(),
        capture_output=True,
        check=True,
        env=home.environment(),
    )
    raw = [bytes.fromhex(each) for each in told.stdout.decode().split()]
    return [PASSWORD.encode(), words.encode(), FILE.encode(), CONTENT.encode(), *raw]


def holding(folder: Path, wanted: list[bytes]) -> set[str]:
    """Files below that hold any of it."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    return {file.name for file in files if any(each in file.read_bytes() for each in wanted)}


def test_through_a_friends_node_which_learns_nothing(tmp_path: Path) -> None:
    friend = Home(tmp_path / "friend")
    with ExitStack() as stack:
        stack.enter_context(friend.daemon("serve"))
        there = address(friend)
        parts = there.split("/")
        between = stack.enter_context(overheard(tmp_path / "heard", parts[2], int(parts[4])))
        mine = Home(tmp_path / "mine", {"HOLDFAST_NETWORK_BOOTSTRAP": there})
        through = {"HOLDFAST_NETWORK_BOOTSTRAP": f"{between.addresses[0]}/p2p/{parts[-1]}"}
        away = Home(tmp_path / "away", through)
        for home in (mine, away):
            stack.enter_context(home.daemon())
        words = _settle(mine, tmp_path)
        handle = mine.run("whoami").ok().out.splitlines()[0]
        asked = ("login", handle, "--password-stdin")
        assert away.run(*asked, stdin=f"{PASSWORD}\n").code == 15
        said = away.run(*asked, "--device-secret", stdin=f"{PASSWORD}\n{words}\n").ok()
        assert handle in said.out
        assert away.run("cat", FILE).ok().out == CONTENT
        away.run("mkdir", f"{FILE}-too").ok()
        assert between.bytes > 0
        wanted = secrets(mine, words)
    assert holding(friend.path, wanted) == set()
    assert holding(tmp_path / "heard", wanted) == set()
    assert holding(away.path, wanted[:4]) == set()  # nor is it left in the open where one was
    written = tmp_path / "control"
    written.mkdir()
    (written / "x").write_bytes(b"..." + wanted[-1] + b"...")
    assert holding(written, wanted) == {"x"}


def _settle(mine: Home, folder: Path) -> str:
    """An account with a device secret and a file, published; returns the words."""
    signup = ("--json", "signup", "alice", "--device-secret", "--password-stdin")
    done = mine.run(*signup, stdin=f"{PASSWORD}\n").ok().events[-1]["done"]
    file = folder / FILE
    file.write_text(CONTENT)
    mine.run("put", str(file)).ok()
    assert soon(lambda: "is kept by" in mine.run("publish", "on").ok().out)
    return str(done["device_secret"])  # type: ignore[index]
