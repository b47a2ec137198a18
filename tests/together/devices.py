"""Devices at work, each a member of its own: one deed after another, or several at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import trio

from client.sharing.drive import own_drive
from crypto.hashing import sha256
from formats.errors import Conflict, HoldfastError, TimedOut, Unreachable
from storage.contracts import SpaceKey, View
from tests.together.deeds import Deed
from tests.together.order import Overhears, Watch, Watched
from tests.together.record import Done
from tests.world.clock import START
from tests.world.person import Person

UNCERTAIN = (Unreachable, TimedOut, Conflict)
"""Errors that do not say whether it was done, or that name a race which the model cannot know."""


@dataclass
class Device:
    """One device of a person, and what it did."""

    number: int
    person: Person
    clock: "count[int]"
    disk: Path
    happened: list[Done]
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self.watch = Watch(self.clock)
        self.person.road.faults.append(Overhears(self.watch))
        self.disk.mkdir(parents=True)

    async def wake(self) -> None:
        """Sign in; again if the node dies meanwhile."""
        while True:
            try:
                await self.person.sign_in()
                break
            except Unreachable:
                await trio.lowlevel.checkpoint()

    async def do(self, deed: Deed) -> Done:
        """One deed; what came of it is in ``happened``."""
        done = Done(self.number, deed, next(self.clock))
        self.happened.append(done)
        try:
            drive = own_drive(self.person.session)
            watched = Watched(self.person.session, self.watch)
            done.runs, drive.space = watched.runs, watched
            drive.now = self._now
            done.outcome = await deed.do(drive, self.disk)
            done.known = True
        except UNCERTAIN:
            done.outcome = deed.landed(done.runs)
        except HoldfastError as error:
            done.error, done.known = error, True
        finally:
            done.ended = next(self.clock)
        return done

    def _now(self) -> int:
        """Milliseconds that differ each time: which of two was removed last is no tie."""
        return START + next(self.clock)

    async def do_all(self, deeds: Sequence[Deed]) -> None:
        """One after another."""
        for deed in deeds:
            await self.do(deed)


async def history_of(person: Person) -> dict[int, bytes]:
    """The hash of every pointer of the person's space, by number, as the home has them."""
    key = SpaceKey(person.session.id, person.session.bundle.space)

    def read(view: View) -> dict[int, bytes]:
        return {seq: sha256(body) for seq, body in _bodies(view, key)}

    return await person.place.store.read(read)


def _bodies(view: View, key: SpaceKey) -> Iterator[tuple[int, bytes]]:
    for seq in count():
        body = view.history(key, seq)
        if body is None:
            return
        yield seq, body
