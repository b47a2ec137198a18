"""Who is shaking hands: how many at once, from where, and who makes place for whom.

A socket that says nothing is no different from a slow one, at first. So when there
is no place left, the one that has taken longest goes, of those who have taken
longer than anybody needs, first of the address that has most of them: who
opens sockets and says nothing only ever drives out their own.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import trio


class Lobby:
    """Handshakes under way. ``sheltered``: seconds in which nobody has to make place."""

    def __init__(self) -> None:
        self._inside: dict[trio.CancelScope, tuple[str, float]] = {}
        """Who is where since when, in order of coming."""

    def __len__(self) -> int:
        return len(self._inside)

    @contextmanager
    def place(
        self, where: str, *, most: int, most_of_one: int, sheltered: float, seconds: float
    ) -> Iterator[trio.CancelScope | None]:
        """A place until the block is left, which is cancelled after ``seconds``, or to make place.

        None: there is none. ``where``: the address; of "", this machine, any number.
        """
        if not self._made(where, most, most_of_one, sheltered):
            yield None
            return
        with trio.move_on_after(seconds) as scope:
            self._inside[scope] = where, trio.current_time()
            try:
                yield scope
            finally:
                self._inside.pop(scope, None)

    def is_shut(self, where: str, most_of_one: int, sheltered: float) -> bool:
        """Whether a site has as many as it may, none of which would make place. No for ""."""
        there = [since for place, since in self._inside.values() if place == where]
        latest = trio.current_time() - sheltered
        return bool(where) and len(there) >= most_of_one and all(at > latest for at in there)

    def _made(self, where: str, most: int, most_of_one: int, sheltered: float) -> bool:
        """Whether there is a place, made if need be."""
        counts = Counter(place for place, _ in self._inside.values())
        if where and counts[where] >= most_of_one:
            return self._drive_out(where, sheltered)
        if len(self._inside) < most:
            return True
        crowded = sorted(counts, key=lambda each: -counts[each])
        return any(self._drive_out(each, sheltered) for each in crowded)

    def _drive_out(self, where: str, sheltered: float) -> bool:
        """Cancel the one that has taken longest there, if that is too long already."""
        latest: Final = trio.current_time() - sheltered
        for scope, (place, since) in self._inside.items():
            if place == where and since <= latest:
                scope.cancel()
                del self._inside[scope]
                return True
        return False
