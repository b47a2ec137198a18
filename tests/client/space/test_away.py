"""Reading while the home is away: what was read before, as it was, and never anything older."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
import trio.testing

from client.kept.kept import Kept
from client.kept.space import Cabinet, KeptSpace
from client.kept.writer import LEAST
from client.marks import MemoryMarks
from client.space import away as module
from client.space.away import Away, AwayReading, listening
from client.space.cache import BlockCache, Layered
from client.space.committer import OwnSpace
from client.space.reading import Changing
from client.space.view import SpaceView
from crypto.secret import Secret
from formats.cid import Block
from formats.errors import NotKept, Stale, Unreachable
from formats.leaf import Leaf, join_segment
from protocols import pointers as p
from protocols.services import Doors, Pointers
from tests.client.space.conftest import InProcess, device, keys
from tests.client.space.test_engine import put, read
from tests.node.people import Person


class Machine:
    """A disk with a cabinet and marks on it; ``device`` starts anew on it."""

    def __init__(self, folder: Path, network: InProcess, person: Person) -> None:
        self.network = network
        self.person = person
        self.marks = MemoryMarks()
        self.now = 1000
        self.kept = Kept(folder, LEAST)

    def of(self, space: bytes) -> KeptSpace:
        cabinet = Cabinet(self.kept, Secret(b"k" * 32), lambda: self.now)
        return cabinet.space(self.person.id, space, "alice")

    def device(self) -> OwnSpace:
        """A session of the person on this machine: nothing in memory yet."""
        made = device(self.person, self.network, self.marks)
        view = made._view
        cache = Layered(BlockCache(), self.of(view.space))
        made._view = SpaceView(  # type: ignore[misc]
            view.line, view.owners, self.marks, cache, view.owner, view.space
        )
        return made


@pytest.fixture
def machine(tmp_path: Path, network: InProcess, alice: Person) -> Iterator[Machine]:
    made = Machine(tmp_path / "kept", network, alice)
    yield made
    made.kept.close()


def gone(_doors: Doors) -> Doors:
    raise Unreachable("that node does not answer")


async def leave(machine: Machine, space: OwnSpace | None = None) -> None:
    """The home is away from now on."""
    machine.network.wrap = gone
    if space is not None:
        await space._view.line.aclose()


async def test_what_was_read_is_read_again_and_said_to_be_old(machine: Machine) -> None:
    space = machine.device()
    await space.commit(put("a", b"one"))
    machine.now = 5000
    assert await read(space, "a") == {"a": b"one"}
    machine.now = 900_000
    await leave(machine, space)
    heard: list[Away] = []
    with listening(heard.append):
        assert await read(space, "a") == {"a": b"one"}
    assert [each.whose for each in heard] == ["alice"]
    assert heard[0].confirmed in (1000, 5000)
    assert heard[0].time == space._view.tip.pointer.time  # type: ignore[union-attr]


async def test_nobody_hears_of_it_while_the_home_answers(machine: Machine) -> None:
    heard: list[Away] = []
    with listening(heard.append):
        await machine.device().commit(put("a", b"one"))
        await read(machine.device(), "a")
    assert heard == []


async def test_it_is_read_after_a_restart(machine: Machine) -> None:
    first = machine.device()
    await first.commit(put("a", b"one"))
    await first.commit(put("b", b"two"))
    await leave(machine, first)
    machine.kept.flush()
    fresh = machine.device()
    assert await read(fresh, "a", "b", "c") == {"a": b"one", "b": b"two", "c": None}


async def test_what_was_never_read_here_is_not_kept(machine: Machine, network: InProcess) -> None:
    others = device(machine.person, network)
    for number in range(40):
        await others.commit(put(f"{number}", b"x" * 900))
    here = machine.device()
    await read(here, "1")
    await leave(machine, here)
    again = machine.device()
    assert await read(again, "1") == {"1": b"x" * 900}
    with pytest.raises(NotKept, match="alice"):
        await read(again, "2")


async def test_segments_that_were_read_are_read_again(machine: Machine) -> None:
    space = machine.device()
    parts = [Block.raw(join_segment(0, bytes([n]) * 90_000)) for n in range(4)]
    made = keys("file")
    chunk = Leaf(made.lock(made.label).public, segments=tuple(part.cid for part in parts))
    async with space.staging() as staging:
        await staging.stage(parts)

        async def operation(change: Changing) -> None:
            change.use_staging(staging.session)
            change.put(made.label, chunk)

        await space.commit(operation)
    reading = await space.reading()
    assert await reading.segments(made.ref(), chunk, [1, 3]) == [parts[1].data, parts[3].data]
    await leave(machine, space)
    away = await machine.device().reading()
    assert await away.segments(made.ref(), chunk, [3, 1]) == [parts[3].data, parts[1].data]
    with pytest.raises(NotKept):
        await away.segments(made.ref(), chunk, [1, 2])


async def test_a_home_that_goes_in_the_middle_still_serves_what_is_kept(machine: Machine) -> None:
    space = machine.device()
    await space.commit(put("a", b"one"))
    space = machine.device()
    reading = await space.reading()
    await reading.leaves([keys("a").ref()])
    fresh = await machine.device().reading()
    await leave(machine, space)
    assert (await fresh.leaves([keys("a").ref()]))[keys("a").label].body == b"one"


async def test_changes_fail_at_once_and_say_why(machine: Machine) -> None:
    space = machine.device()
    await space.commit(put("a", b"one"))
    await leave(machine, space)
    for each in (space, machine.device()):
        with pytest.raises(Unreachable) as raised:
            await each.commit(put("b", b"two"))
        assert "changes need your home" in raised.value.advice
        with pytest.raises(Unreachable, match="does not answer"):
            async with each.staging():
                raise AssertionError("nothing can be staged")
    machine.network.wrap = lambda doors: doors
    assert await read(space, "a", "b") == {"a": b"one", "b": None}


async def test_a_home_that_comes_back_is_asked_again(machine: Machine, network: InProcess) -> None:
    space, other = machine.device(), device(machine.person, network)
    await space.commit(put("a", b"one"))
    await leave(machine, space)
    assert isinstance(await space.reading(), AwayReading)
    machine.network.wrap = lambda doors: doors
    await other.commit(put("a", b"two"))
    assert await read(space, "a") == {"a": b"two"}


async def test_a_slow_home_is_let_be_for_a_while(
    machine: Machine, autojump_clock: trio.testing.MockClock
) -> None:
    space = machine.device()
    await space.commit(put("a", b"one"))
    reached = 0

    class Slow:
        async def reach(self, home: object) -> Doors:
            nonlocal reached
            reached += 1
            await trio.sleep(10)
            raise Unreachable("that node does not answer")

    await space._view.line.aclose()
    space._view.line._network = Slow()  # type: ignore[misc]
    for _ in range(5):
        assert await read(space, "a") == {"a": b"one"}
    assert reached == 1
    await trio.sleep(module.PAUSE)
    await read(space, "a")
    assert reached == 2


async def test_a_home_that_comes_back_with_the_past_is_refused(
    machine: Machine, network: InProcess
) -> None:
    space = machine.device()
    await space.commit(put("a", b"one"))
    old = await space._view.resolve(None)
    await space.commit(put("a", b"two"))
    await leave(machine, space)
    assert await read(machine.device(), "a") == {"a": b"two"}

    class Past:
        def __init__(self, doors: Doors) -> None:
            self._doors = doors

        async def resolve(self, _request: p.Resolve) -> p.Resolved:
            return p.Resolved(old.pointer, old.record, tuple(old.spine), ())

        @property
        def pointers(self) -> Pointers:
            return self  # type: ignore[return-value]

        def __getattr__(self, name: str) -> object:
            return getattr(self._doors, name)

    network.wrap = Past  # type: ignore[assignment]
    for each in (space, machine.device()):
        await each._view.line.aclose()
        with pytest.raises(Stale):
            await each.reading()


async def test_a_kept_state_that_is_not_the_mark_is_not_read(machine: Machine) -> None:
    space = machine.device()
    await space.commit(put("a", b"one"))
    older = machine.of(space._view.space)
    state = older.state()
    assert state is not None
    await space.commit(put("a", b"two"))
    older.confirm(state.pointer, state.record)  # somebody put yesterday's file back
    await leave(machine, space)
    with pytest.raises(Unreachable):
        await machine.device().reading()


async def test_a_kept_state_without_a_mark_is_not_read(machine: Machine) -> None:
    space = machine.device()
    await space.commit(put("a", b"one"))
    await leave(machine, space)
    machine.marks = MemoryMarks()
    with pytest.raises(Unreachable):
        await machine.device().reading()


async def test_an_altered_note_is_as_if_there_were_none(machine: Machine) -> None:
    space = machine.device()
    await space.commit(put("a", b"one"))
    await leave(machine, space)
    kept = machine.of(space._view.space)
    name = kept._of(b"state")
    sealed = machine.kept.noted(name)
    assert sealed is not None
    for at in range(0, len(sealed), 131):
        machine.kept.note(name, sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])
        assert kept.state() is None
        with pytest.raises(Unreachable):
            await machine.device().reading()


async def test_nothing_on_the_disk_tells_whose_it_is(machine: Machine, tmp_path: Path) -> None:
    space = machine.device()
    await space.commit(put("a", b"one"))
    await read(space, "a")
    machine.kept.flush()
    there = b"".join(file.read_bytes() for file in (tmp_path / "kept").iterdir())
    for secret in (machine.person.id, space._view.space, b"alice"):
        assert secret not in there


async def test_it_is_confirmed_again_now_and_then(machine: Machine) -> None:
    space = machine.device()
    await space.commit(put("a", b"one"))
    kept = machine.of(space._view.space)
    machine.now += 59_999
    await space.reading()
    assert kept.state().confirmed == 1000  # type: ignore[union-attr]
    machine.now += 1
    await space.reading()
    assert kept.state().confirmed == 61_000  # type: ignore[union-attr]
