"""What a node has done since it started, in numbers.

Words here are of our own code: a door, a method, the kind of an error. No name,
id or address is counted under, so whoever reads the figures learns nothing of anybody.
"""

from collections import Counter
from dataclasses import dataclass, field

OK = "ok"
"""The outcome of what went well; any other is the kind of its error."""


@dataclass(slots=True)
class Counts:
    """Figures of one run of a node. Bytes are of connections from other processes."""

    answers: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Door, method and outcome: how often."""
    milliseconds: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Door and method: how long answers took in all, waiting included."""
    received: int = 0
    sent: int = 0
    arrived: int = 0
    """Connections that were made."""
    connected: int = 0
    """Connections there are now."""
    turned_away: int = 0
    """Connections that found no place, or failed their handshake."""
    cut_off: Counter[str] = field(default_factory=Counter)
    """Connections that were ended, by why."""
    slowed: Counter[str] = field(default_factory=Counter)
    """Requests that waited for their turn, by why."""
    jobs: Counter[str] = field(default_factory=Counter)
    """What background jobs did, by job."""
    failed_jobs: Counter[str] = field(default_factory=Counter)

    def answered(self, door: str, method: str, outcome: str, ms: float) -> None:
        """One answer was given."""
        self.answers[door, method, outcome] += 1
        self.milliseconds[door, method] += round(ms)
