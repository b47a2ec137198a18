"""A disk that is really full: told plainly, nothing acknowledged is lost, deleting helps."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = str(Path(__file__).with_name("filled.py"))
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}

LARGE, SMALL = 250_000, 20_000


def test_files_that_may_not_grow(tmp_path: Path) -> None:
    command = [sys.executable, PROGRAM, str(tmp_path / "s"), "limit", str(SMALL)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("well\n", "")


@pytest.mark.parametrize("size", [LARGE, SMALL])
def test_a_disk_without_room(tmp_path: Path, size: int) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f"mount -t tmpfs -o size=48m tmpfs '{disk}'"
    tried = subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True)
    if tried.returncode:
        pytest.skip("no small disk can be mounted here (needs unprivileged user namespaces)")
    program = f"{mount} && exec '{sys.executable}' '{PROGRAM}' '{disk}/s' tmpfs {size}"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", program],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("well\n", "")
