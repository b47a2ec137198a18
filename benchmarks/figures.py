"""What is kept of one measured stretch, and of the same stretch in several rounds."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import cast


@dataclass(frozen=True, slots=True)
class Figure:
    """One stretch of one round. Sizes in bytes, times in seconds.

    ``cpu`` is of all threads of all processes that took part. ``size`` and ``items`` are
    what the person gave or got. ``moved`` counts bytes of blocks in requests and answers;
    ``growth`` is the highest resident memory less what there was when the stretch began,
    of the process that grew most; ``resident`` its memory when it ended. ``laps`` are
    the times of the single items, where these were taken.
    """

    name: str
    seconds: float
    cpu: float
    size: int = 0
    items: int = 1
    requests: int = 0
    moved: int = 0
    growth: int = 0
    resident: int = 0
    laps: tuple[float, ...] = ()

    @property
    def rate(self) -> float:
        """Megabytes (10^6 bytes) a second."""
        return self.size / self.seconds / 1e6

    @property
    def each(self) -> float:
        """Seconds an item: the median of the laps if there are any."""
        return median(self.laps) if self.laps else self.seconds / self.items

    @property
    def asked(self) -> float:
        """Requests; for each item where items were timed one by one."""
        return self.requests / self.items if self.laps else self.requests

    @property
    def slowest(self) -> float:
        """Seconds within which 99 of 100 items were done; 0 if that was not taken."""
        return sorted(self.laps)[len(self.laps) * 99 // 100] if self.laps else 0.0


@dataclass(frozen=True, slots=True)
class Rounds:
    """The same stretch, measured several times."""

    figures: tuple[Figure, ...]

    def median(self, of: Callable[[Figure], float]) -> float:
        """The median of one value."""
        return median(map(of, self.figures))

    def between(self, of: Callable[[Figure], float]) -> tuple[float, float]:
        """Its least and greatest."""
        values = sorted(map(of, self.figures))
        return values[0], values[-1]


def by_name(figures: Iterable[Figure]) -> dict[str, Rounds]:
    """Figures of several rounds, gathered by name."""
    found: dict[str, tuple[Figure, ...]] = {}
    for figure in figures:
        found[figure.name] = (*found.get(figure.name, ()), figure)
    return {name: Rounds(each) for name, each in found.items()}


def to_json(figures: Sequence[Figure]) -> str:
    """As text; ``from_json`` turns it back."""
    return json.dumps([asdict(figure) for figure in figures])


def from_json(text: str) -> list[Figure]:
    """What ``to_json`` wrote."""
    rows = cast("list[dict[str, object]]", json.loads(text))
    return [_figure(row) for row in rows]


def _figure(row: dict[str, object]) -> Figure:
    made = Figure(**row)  # type: ignore[arg-type]  # written by to_json of this same program
    return replace(made, laps=tuple(made.laps))
