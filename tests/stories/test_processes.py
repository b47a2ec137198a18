"""Processes are started, heard, killed; commands end with the error that their exit code means."""

import signal
import sys
from pathlib import Path

import pytest
import trio

from formats.errors import NoDaemon, Usage
from tests.stories.processes import Late, Running, environment, holdfast, run


async def test_a_command_runs_and_its_errors_are_ours(tmp_path: Path) -> None:
    command = holdfast(tmp_path / "bin")
    env = environment(command, tmp_path / "home")
    done = await run([command, "version"], env)
    assert done.check().lines[0].startswith("holdfast ")
    with pytest.raises(NoDaemon, match="no daemon runs"):
        (await run([command, "status"], env)).check()
    with pytest.raises(Usage):
        (await run([command, "nonsense"], env)).check()


async def test_a_daemon_is_heard_and_killed_and_starts_again(tmp_path: Path) -> None:
    command = holdfast(tmp_path / "bin")
    env = environment(command, tmp_path / "home", HOLDFAST_PORT="0", HOLDFAST_LISTEN="127.0.0.1")
    daemon = Running([command, "up"], env, tmp_path / "log")
    async with trio.open_nursery() as nursery:
        for number in (signal.SIGKILL, signal.SIGTERM):
            await daemon.start(nursery)
            await daemon.hears("^Holdfast is up")
            assert (await run([command, "status"], env)).code == 0
            code = await daemon.signal(number)
            assert code == (-9 if number == signal.SIGKILL else 0)
            assert (await run([command, "status"], env)).code == NoDaemon.exit_code
    assert (tmp_path / "log").read_text().count("Holdfast is up") == 2


async def test_what_is_not_said_in_time_is_late(tmp_path: Path) -> None:
    quiet = Running([sys.executable, "-c", "print('one word')"], {}, tmp_path / "log")
    async with trio.open_nursery() as nursery:
        await quiet.start(nursery)
        assert (await quiet.hears("one (word)"))[1] == "word"
        with pytest.raises(Late, match="one word"):
            await quiet.hears("two words")


async def test_a_terminal_is_one(tmp_path: Path) -> None:
    code = "import sys; print(sys.stderr.isatty(), flush=True)"
    for terminal in (True, False):
        process = Running([sys.executable, "-c", code], {}, tmp_path / "log")
        async with trio.open_nursery() as nursery:
            await process.start(nursery, terminal)
            assert await process.hears(str(terminal))


async def test_a_password_is_typed_on_a_terminal(tmp_path: Path) -> None:
    code = "import getpass; print(len(getpass.getpass('Tell: ')), 'letters')"
    process = Running([sys.executable, "-c", code], {}, tmp_path / "log")
    async with trio.open_nursery() as nursery:
        await process.start(nursery, terminal=True)
        await process.hears("Tell: $")
        await process.type("secret\n")
        assert await process.hears("6 letters")
        assert "secret" not in process.heard
