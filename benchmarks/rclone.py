"""The best encrypted store that people would pick instead, in the same run: ``rclone crypt``.

Debian's package, its own passwords and defaults, onto the same disk. It does not wait
for the disk when it puts; ours does. Where it is not installed its lines are left out.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Final

from benchmarks.measuring import Bench
from benchmarks.sources import must_be_same_files, small_files
from crypto.secret import random_bytes

_CONFIG: Final = "[enc]\ntype = crypt\nremote = {store}\npassword = {one}\npassword2 = {two}\n"


def bulk(bench: Bench) -> None:
    """The large file in and out."""
    rclone = _Rclone.found(bench.folder)
    if rclone is None:
        return
    back = bench.folder / "back"
    with bench.measuring("rclone/up", size=bench.size):
        rclone.run("copyto", str(bench.source), "enc:large")
    with bench.measuring("rclone/down", size=bench.size):
        rclone.run("copyto", "enc:large", str(back))
    must_be_same_files(bench.source, back)


def small(bench: Bench) -> None:
    """The small files in and out, and listed."""
    rclone = _Rclone.found(bench.folder)
    if rclone is None:
        return
    source, back = small_files(bench.folder / "source", bench.files), bench.folder / "back"
    amount = bench.files * 4096
    with bench.measuring("rclone/small-put", items=bench.files, size=amount):
        rclone.run("copy", str(source), "enc:small")
    with bench.measuring("rclone/list", items=1):
        rclone.run("lsl", "enc:small")
    with bench.measuring("rclone/small-get", items=bench.files, size=amount):
        rclone.run("copy", "enc:small", str(back))
    must_be_same_files(source, back)


class _Rclone:
    """The program, with a configuration of its own."""

    def __init__(self, program: str, config: Path) -> None:
        self._program: Final = program
        self._config: Final = config

    @classmethod
    def found(cls, folder: Path) -> "_Rclone | None":
        """None where it is not installed."""
        program = shutil.which("rclone")
        if program is None:
            return None
        one, two = (_obscured(program) for _ in range(2))
        config = folder / "rclone.conf"
        config.write_text(_CONFIG.format(store=folder / "store", one=one, two=two))
        return cls(program, config)

    def run(self, *words: str) -> None:
        """One command; raises when it fails."""
        command = [self._program, "--config", str(self._config), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _obscured(program: str) -> str:
    """A password as rclone keeps it in its file; handed in by standard input."""
    word = random_bytes(16).hex()
    made = subprocess.run(
        [program, "obscure", "-"], input=word, check=True, capture_output=True, text=True
    )
    return made.stdout.strip()
