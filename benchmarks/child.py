"""One job in a process of its own, so that memory and start-up are its own too.

    run_apart(job, settings) -> the figures it measured

The child is ``python -m benchmarks.child JOB SETTINGS``; it writes its figures to a file.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.figures import Figure, from_json, to_json
from benchmarks.measuring import Bench
from frontends.daemon.tuning import settle

_RESULT: Final = "figures.json"


class JobFailed(Exception):
    """A job did not get to its end, or what it read back was wrong; it said why on stderr."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How much to do, and where. ``source`` is the large file, ``size`` its bytes."""

    folder: str
    source: str
    size: int
    files: int = 1000


def run_apart(job: str, settings: Settings) -> list[Figure]:
    """Run a job in a child process, in a fresh folder that is gone afterwards."""
    with TemporaryDirectory(dir=settings.folder, prefix=f"{job.replace('/', '-')}-") as folder:
        told = json.dumps({**asdict(settings), "folder": folder})
        done = subprocess.run([sys.executable, "-m", "benchmarks.child", job, told], check=False)
        if done.returncode:
            raise JobFailed(f"{job}: exit code {done.returncode}")
        return from_json((Path(folder) / _RESULT).read_text())


def run_here(job: str, settings: Settings) -> list[Figure]:
    """Run a job in this process."""
    from benchmarks.catalogue import JOBS  # late: the parent starts without all of it

    bench = Bench(Path(settings.folder), Path(settings.source), settings.size, settings.files)
    JOBS[job](bench)
    return bench.figures


def main() -> None:
    """The child's side."""
    job, told = sys.argv[1:]
    settings = Settings(**json.loads(told))
    import benchmarks.catalogue  # noqa: F401  # loaded when things settle, as in the daemon

    settle()
    figures = run_here(job, settings)
    (Path(settings.folder) / _RESULT).write_text(to_json(figures))


if __name__ == "__main__":
    main()
