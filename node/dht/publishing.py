"""Publishing the people who live here: those who chose it, when they change and on schedule.

Each is kept by the nodes nearest to two keys, of the id and of the handle. Every
hour it is looked who is nearest now, and stored where it is not yet; who took it is
given it again after six hours, or at once when it changed. How many keep it is
counted by their own answers, and shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Final, Protocol

import trio

from formats.errors import HoldfastError, Unfit
from formats.identity import IdentityChain
from formats.published import Published
from formats.whereabouts import Home, Whereabouts
from node.clock import Clock
from node.dht.rules import PUBLISH_SECONDS, STORE_AGAIN_SECONDS
from node.dht.service import Stored
from node.finding import Publication, is_published
from node.logs import Log
from storage.contracts import Store, View

RETRY_SECONDS: Final = 60.0
"""After which somebody whom no node took is tried again; then twice as long, up to an hour."""

_log: Final = Log("node.dht")


class Storing(Protocol):
    """Has others keep a value: ``service.Dht``."""

    async def store(
        self, key: bytes, data: bytes, hints: Sequence[Home], has: frozenset[bytes]
    ) -> Stored:
        """Who keeps it now; raises Unreachable."""
        ...


@dataclass(slots=True)
class _Person:
    """What is known of somebody who is published. Seconds of ``trio.current_time``."""

    data: bytes = b""
    due: float = 0.0
    retry: float = RETRY_SECONDS
    holders: dict[bytes, dict[bytes, float]] = field(default_factory=dict)
    """For each key: who took it, and when."""
    last: Publication | None = None


class Publisher:
    """Keeps published whoever chose it. Somebody must run ``run``."""

    def __init__(self, storing: Storing, store: Store, clock: Clock) -> None:
        self._storing = storing
        self._store = store
        self._clock = clock
        self._people: dict[bytes, _Person] = {}
        self._bell = trio.Event()
        self._turn = trio.Lock()
        self._random = SystemRandom()

    def publication(self, id: bytes) -> Publication | None:
        """How they were published last, None if not since the start."""
        person = self._people.get(id)
        return None if person is None else person.last

    def changed(self, id: bytes) -> None:
        """Look at this person again soon."""
        person = self._people.setdefault(id, _Person())
        person.due = trio.current_time()
        self._bell.set()

    def all_changed(self) -> None:
        """Look at everybody again soon: others may keep older records, or none."""
        for id in self._people:
            self.changed(id)

    async def run(self) -> None:
        """Publish whoever is due, until cancelled."""
        while True:
            await self._find_people()
            for id, person in list(self._people.items()):
                if person.due <= trio.current_time():
                    await self._publish_due(id)
            await self._rest()

    async def publish(self, id: bytes, hints: Sequence[Home]) -> Publication:
        """Publish one person now. Raises Unreachable, Unfit (they did not choose it)."""
        async with self._turn:
            person = self._people.setdefault(id, _Person())
            found = await self._store.read(lambda view: _record(view, id))
            if found is None:
                self._people.pop(id, None)
                raise Unfit("this person is not published", hint="'holdfast publish on' does it")
            person.due = trio.current_time() + self._jittered(person.retry)
            person.retry = min(person.retry * 2, PUBLISH_SECONDS)
            person.last = await self._stored(person, found, hints)
            if person.last.stored:
                person.retry = RETRY_SECONDS
                person.due = trio.current_time() + self._jittered(PUBLISH_SECONDS)
            return person.last

    async def _publish_due(self, id: bytes) -> None:
        try:
            done = await self.publish(id, ())
        except HoldfastError as error:
            _log.info("not published", why=type(error).__name__)
        else:
            _log.debug("published", stored=done.stored, asked=done.asked)

    async def _stored(
        self, person: _Person, found: Published, hints: Sequence[Home]
    ) -> Publication:
        data, now = found.encode(), trio.current_time()
        if data != person.data:
            person.data, person.holders = data, {}
        counts: list[tuple[int, int]] = []
        for key in found.keys:
            took = person.holders.setdefault(key, {})
            has = frozenset(peer for peer, at in took.items() if now < at + STORE_AGAIN_SECONDS)
            stored = await self._storing.store(key, data, hints, has)
            person.holders[key] = {peer: took[peer] if peer in has else now for peer in stored.by}
            counts.append((len(stored.by), stored.asked))
        least, asked = min(counts)
        return Publication(least, asked, self._clock.now_ms())

    async def _find_people(self) -> None:
        chosen = await self._store.read(
            lambda view: [row.id for row in view.accounts() if is_published(view, row.id)]
        )
        for id in chosen:
            self._people.setdefault(id, _Person())
        for id in set(self._people) - set(chosen):
            del self._people[id]

    async def _rest(self) -> None:
        due = min((person.due for person in self._people.values()), default=float("inf"))
        with trio.move_on_at(min(due, trio.current_time() + PUBLISH_SECONDS)):
            await self._bell.wait()
        self._bell = trio.Event()

    def _jittered(self, seconds: float) -> float:
        return seconds * self._random.uniform(0.9, 1.1)


def _record(view: View, id: bytes) -> Published | None:
    row = view.identity(id)
    if row is None or not is_published(view, id):
        return None
    return Published(IdentityChain.decode(row.chain), Whereabouts.decode(row.whereabouts))
