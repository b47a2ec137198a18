"""Everything that is measured: the jobs, and what is said of each of their figures.

A job runs in a process of its own and measures one or more stretches; a ``Line``
is how the table shows one of them, beside Peergos and the goal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from benchmarks import anchors, engine, pipeline
from benchmarks.measuring import Bench

Job = Callable[[Bench], None]


class Unit(StrEnum):
    """What a line is told in. All but ``TIME`` and ``MEMORY`` are better when greater."""

    RATE = "MB/s"
    COUNT = "/s"
    TIME = "ms"
    MEMORY = "MiB"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    ``peergos`` and ``goal`` are in the line's unit. ``requests`` are the most that the
    goal allows. ``against`` names the anchor whose ratio is shown.
    """

    name: str
    title: str
    unit: Unit
    peergos: float | None = None
    peergos_also: str = ""
    goal: float | None = None
    requests: int | None = None
    against: str | None = None


JOBS: Final[Mapping[str, Job]] = {
    "anchor/cp": anchors.copy,
    "anchor/cp-small": anchors.copy_small,
    "anchor/append": anchors.append,
    "anchor/sha256": anchors.digest,
    "anchor/aes-gcm": anchors.cipher,
    "anchor/tcp": anchors.stream,
    "pipeline": pipeline.there_and_back,
    "engine/stage": engine.stage,
    "engine/commit": engine.commit,
}

ANCHORS: Final = (
    Line("anchor/cp", "`cp` and one fsync", Unit.RATE),
    Line("anchor/sha256", "SHA-256, one core", Unit.RATE),
    Line("anchor/aes-gcm", "AES-256-GCM as everything is sealed, one core", Unit.RATE),
    Line("anchor/tcp", "a TCP stream on loopback, two processes", Unit.RATE),
    Line("pipeline/up", "the bare pipeline: read, seal, hash, append, sync", Unit.RATE),
    Line("pipeline/down", "the bare pipeline back: read, hash, open, write, one fsync", Unit.RATE),
    Line("anchor/cp-small", "`cp -r` of the small files, not synced", Unit.COUNT),
    Line("anchor/append", "4 KiB appended and synced, one after another", Unit.COUNT),
)

LAYERS: Final = (
    Line("engine/stage", "sealed segments into the store, durable", Unit.RATE, against="anchor/cp"),
    Line("engine/seal", "small files sealed, in memory", Unit.COUNT),
    Line("engine/commit", "sealed small files into a folder, one commit", Unit.COUNT),
)

WORKLOADS: Final[tuple[Line, ...]] = ()
