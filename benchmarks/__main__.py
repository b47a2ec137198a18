"""Run the workloads and write docs/benchmarks.md.

    python -m benchmarks                      # everything, five rounds; writes docs/benchmarks.md
    python -m benchmarks --quick              # one round, 64 MiB; prints
    python -m benchmarks --only own/bulk      # some jobs (and their anchors); prints
    python -m benchmarks --list

Rounds are interleaved: every job once, then every job again. Each job runs in a
process of its own and compares what it read back with what it gave.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks import report
from benchmarks.catalogue import JOBS
from benchmarks.child import JobFailed, Settings, run_apart
from benchmarks.figures import Figure, to_json
from benchmarks.machine import line
from benchmarks.sources import large_file

MIB: Final = 1024 * 1024
FULL: Final = 1024
QUICK: Final = 64
ROUNDS: Final = 5
PAGE: Final = Path("docs/benchmarks.md")


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for."""
    what = "Run the workloads and write docs/benchmarks.md."
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=what)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} MiB, one round; prints")
    parser.add_argument("--only", action="append", metavar="NAME", help="jobs that begin so")
    parser.add_argument("--rounds", type=int, metavar="N")
    parser.add_argument("--size", type=int, metavar="MIB", help="of the large file")
    parser.add_argument("--files", type=int, default=1000, metavar="N", help="small files")
    parser.add_argument("--folder", default=".", help="on the disk to be measured (default: here)")
    parser.add_argument("--json", metavar="FILE", help="keep every figure of every round")
    parser.add_argument("--list", action="store_true", help="name the jobs")
    return parser.parse_args(arguments)


def chosen(only: Sequence[str] | None) -> list[str]:
    """The names of the jobs to run."""
    if only is None:
        return list(JOBS)
    return [job for job in JOBS if any(job.startswith(name) for name in only)]


def run(jobs: Sequence[str], settings: Settings, rounds: int) -> tuple[list[Figure], list[str]]:
    """Every job once a round; the figures, and the jobs that failed."""
    figures: list[Figure] = []
    failed: dict[str, None] = {}
    for number in range(rounds):
        for job in jobs:
            print(f"round {number + 1} of {rounds}: {job}", file=sys.stderr, flush=True)
            try:
                figures += run_apart(job, settings)
            except JobFailed as error:
                failed[str(error)] = None
    return figures, list(failed)


def main(arguments: Sequence[str]) -> int:
    asked = options(arguments)
    if asked.list:
        print("\n".join(JOBS))
        return 0
    size = (asked.size or (QUICK if asked.quick else FULL)) * MIB
    rounds = asked.rounds or (1 if asked.quick else ROUNDS)
    about = f"{line(Path(asked.folder))} · {rounds} rounds · large file {size // MIB} MiB"
    with TemporaryDirectory(dir=asked.folder, prefix="holdfast-bench-") as folder:
        source = large_file(Path(folder) / "source", size)
        settings = Settings(folder, str(source), size, asked.files)
        figures, failed = run(chosen(asked.only), settings, rounds)
    if asked.json:
        Path(asked.json).write_text(to_json(figures))
    text = report.page(figures, failed, about)
    if asked.quick or asked.only:
        print(text)
    else:
        PAGE.write_text(text)
        print(f"wrote {PAGE}")
    return _verdict([*failed, *report.regrets(figures)])


def _verdict(regrets: Iterable[str]) -> int:
    told = [f"NOT AS IT SHOULD BE: {regret}" for regret in regrets]
    print("\n".join(told), file=sys.stderr)
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
