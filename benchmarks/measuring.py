"""Measuring: wall time, processor seconds, peak memory; of this process and others it watches.

    with bench.measuring("own/up", size=bench.size) as stretch:
        ...

Memory is what Linux says: its high-water mark is set back when a stretch begins.
Where there is no /proc, memory and other processes are left out.
"""

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.figures import Figure

_TICK: Final = os.sysconf("SC_CLK_TCK")
_PROC: Final = Path("/proc")


@dataclass(slots=True)
class Tally:
    """What passed between clients and nodes."""

    requests: int = 0
    moved: int = 0


@dataclass(slots=True)
class Stretch:
    """A stretch under way. What is set here while it runs replaces what was counted."""

    items: int
    moved: int | None = None
    laps: list[float] = field(default_factory=list)

    @contextmanager
    def lap(self) -> Iterator[None]:
        """One item, timed."""
        begun = time.perf_counter()
        yield
        self.laps.append(time.perf_counter() - begun)


@dataclass(slots=True)
class Bench:
    """What a job is given: where it may write, how much to do, and how to measure.

    ``size`` is bytes of the large file ``source``, ``files`` the number of small ones.
    Processes in ``watched`` count as this one does.
    """

    folder: Path
    source: Path
    size: int
    files: int = 1000
    tally: Tally = field(default_factory=Tally)
    watched: list[int] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)

    @contextmanager
    def measuring(self, name: str, *, size: int = 0, items: int = 1) -> Iterator[Stretch]:
        """Measure the block. ``size``: bytes of content in it, ``items``: things done."""
        stretch = Stretch(items)
        pids = [os.getpid(), *self.watched]
        before = [_reset_peak(pid) for pid in pids]
        requests, moved = self.tally.requests, self.tally.moved
        cpu, begun = self._cpu(), time.perf_counter()
        yield stretch
        seconds, used = time.perf_counter() - begun, self._cpu() - cpu
        self.figures.append(
            Figure(
                name=name,
                seconds=seconds,
                cpu=used,
                size=size,
                items=stretch.items,
                requests=self.tally.requests - requests,
                moved=self.tally.moved - moved if stretch.moved is None else stretch.moved,
                growth=max(
                    _memory(pid, "VmHWM") - start for pid, start in zip(pids, before, strict=True)
                ),
                resident=max(_memory(pid, "VmRSS") for pid in self.watched or pids),
                laps=tuple(stretch.laps),
            )
        )

    def _cpu(self) -> float:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        watched = sum(map(cpu_of, self.watched))
        return time.process_time() + ended.ru_utime + ended.ru_stime + watched


def cpu_of(pid: int) -> float:
    """Processor seconds of another process so far, all of its threads; to 10 ms."""
    with suppress(FileNotFoundError, ProcessLookupError):
        after_name = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return sum(map(int, after_name[11:15])) / _TICK
    return 0.0


def _reset_peak(pid: int) -> int:
    """Set the high-water mark back; resident memory now, in bytes."""
    with suppress(OSError):
        (_PROC / str(pid) / "clear_refs").write_text("5")
    return _memory(pid, "VmRSS")


def _memory(pid: int, what: str) -> int:
    with suppress(OSError):
        for line in (_PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith(f"{what}:"):
                return int(line.split()[1]) * 1024
    return 0
