"""Nodes that might pass drops on, as a session remembers them, and in which order to try them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from formats.courier.envelope import Hop
from formats.whereabouts import Home


@dataclass(slots=True)
class Couriers:
    """``met``: nodes that the home knows, as of ``asked`` (seconds; None: not asked yet).

    ``hops``: those whose record is known, by peer id. ``idle``: those that pass nothing on.
    """

    met: tuple[Home, ...] = ()
    asked: float | None = None
    hops: dict[bytes, Hop] = field(default_factory=dict)
    idle: set[bytes] = field(default_factory=set)

    def ways(
        self,
        known: Iterable[Home],
        own: Home,
        near: bool,
        target: Sequence[Home],
        random: Random,
        away: Collection[bytes] = (),
    ) -> Iterator[list[Home]]:
        """Ways to a home, through one or two couriers, at random; none when nobody is known.

        ``away``: those that did not answer, which count as if they were not known; it may
        grow while the ways are gone, as ``idle`` may.

        Never through the target's own nodes, never through one's own home alone. One's own
        home comes first where it is another machine (not ``near``): this one dials no stranger.
        """
        barred = {own.peer, *(home.peer for home in target)}
        others = list({home.peer: home for home in known if home.peer not in barred}.values())
        random.shuffle(others)
        of_target = own.peer in {home.peer for home in target}
        for number, last in enumerate(others):
            before = [] if near or of_target else [own]
            before += [others[number - 1]] if len(others) > 1 else []
            first: Home | None = last
            while first is not None and not self._is_gone(last, away):
                first = next((home for home in before if not self._is_gone(home, away)), None)
                yield [last] if first is None else [first, last]
                if first is not None and not self._is_gone(first, away):
                    break

    def _is_gone(self, home: Home, away: Collection[bytes]) -> bool:
        return home.peer in self.idle or home.peer in away
