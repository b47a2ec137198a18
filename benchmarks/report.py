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


ELSEWHERE: Final = (
    ("what", "command", "figures"),
    ("---", "---", "---"),
    (
        "how bytes are carried: raw TCP, TLS, libp2p as it comes, ours",
        "`python -m benchmarks.carrying`",
        "[transport](spec/transport.md#figures)",
    ),
    (
        "a flood by strangers beside honest work",
        "`python -m benchmarks.flooded`",
        "[transport](spec/transport.md#figures)",
    ),
    (
        "what a stranger can tell by the time of an answer",
        "`python -m benchmarks.telling`",
        "[threat model](threat-model.md#what-a-strangers-clock-tells)",
    ),
    (
        "finding people among 10,000 simulated nodes",
        "`python -m benchmarks.finding`",
        "[network](network.md)",
    ),
    (
        "the same among 50 real ones",
        "`python -m tests.world.finding`",
        "[network](network.md)",
    ),
    (
        "what that costs a node that does nothing else",
        "`python -m benchmarks.idling`",
        "[network](network.md)",
    ),
    (
        "homes behind NATs",
        "`tests/nat`",
        "[network](network.md)",
    ),
    (
        "circles",
        "`python -m benchmarks.circles`",
        "[performance](performance.md)",
    ),
    (
        "the feed of 50 friends after a month",
        "`python -m benchmarks.catching_up`",
        "[performance](performance.md#the-feed)",
    ),
    (
        "push: until an open session sees a message, straight and by couriers",
        "`python -m benchmarks.pushing`",
        "[performance](performance.md#push)",
    ),
    (
        "sharing, writing, taking back, revoking a machine",
        "`python -m benchmarks.giving`",
        "[performance](performance.md#sharing-for-writing)",
    ),
    (
        "the page in a browser: size, requests, until it can be used, 100,000 names",
        "`python -m benchmarks.browsing`",
        "[performance](performance.md#the-page-in-a-browser)",
    ),
    (
        "blocks in a bucket",
        "`python -m benchmarks.buckets`",
        "[S3](spec/s3.md)",
    ),
    (
        "a replica that catches up",
        "`python -m benchmarks.following`",
        "[performance](performance.md#a-replica)",
    ),
    (
        "a household whose node is killed",
        "`make household`",
        "[reliability](reliability.md)",
    ),
)
"""What is measured by commands of their own: a table, row by row."""


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
    parts.append("\n## Measured by commands of their own\n")
    parts += [f"| {' | '.join(row)} |" for row in ELSEWHERE]
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
