"""The page docs/benchmarks.md: how to read it, the machine, the tables."""

from collections.abc import Sequence
from typing import Final

from benchmarks import table
from benchmarks.catalogue import ANCHORS, LAYERS, WORKLOADS
from benchmarks.figures import Figure, by_name

HEAD: Final = """# Benchmarks

Written by `make bench`; do not edit. Every workload runs in a process of its own, against real
nodes on a real disk, is durable when it says so, and compares what it read back with what it gave.
Figures are medians of interleaved rounds. MB are 10^6 bytes.

*CPU* is of all threads of all processes that took part, the friend's node included. *Memory* is the
highest resident memory of a workload less what its process had when it began. Peergos's figures are
of its version 1.32.0 with its own client, on a machine of this kind, over loopback HTTP without a
libp2p hop and without syncing its block files; ours sync. `docs/performance.md` says where the time
goes.
"""


def page(figures: Sequence[Figure], failed: Sequence[str], about: str) -> str:
    """The whole page."""
    measured = by_name(figures)
    parts = [
        HEAD,
        about,
        "\n## What a person does\n",
        table.workloads(WORKLOADS, measured),
        "\n## The machine itself, in the same run\n",
        table.anchors(ANCHORS, measured),
        "\n## Single layers\n",
        table.anchors(LAYERS, measured),
    ]
    goals = table.short_of_goal(WORKLOADS, measured)
    if goals:
        parts += ["\n## Goals not reached yet\n", *(f"- {title}" for title in goals)]
    if failed:
        parts += ["\n## Failed\n", *(f"- {job}" for job in failed)]
    return "\n".join(parts) + "\n"


def regrets(figures: Sequence[Figure]) -> list[str]:
    """What must not be: workloads that Peergos does better."""
    worse = table.worse_than_peergos(WORKLOADS, by_name(figures))
    return [f"worse than Peergos: {title}" for title in worse]
