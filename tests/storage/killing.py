"""A writing process is run, and killed with -9 once it has acknowledged so much."""

import os
import signal
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def run_and_kill(script: Path, arguments: list[str], lines: int) -> dict[int, int]:
    """Let ``script`` acknowledge ``lines`` steps and kill it; the last step of each writer.

    It says "open" first, then a line "writer step" for each step that is stored.
    """
    last: dict[int, int] = {}
    with subprocess.Popen(
        [sys.executable, str(script), *arguments],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        for number, line in enumerate(process.stdout):
            writer, _, step = line.rstrip("\n").partition(" ")
            if line.endswith("\n"):
                last[int(writer)] = int(step)
            if number == lines:
                process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    return last
