"""The engine over a real node: commits that meet, conflict, get lost; homes that lie."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import cast

import pytest
import trio

from client.marks import MemoryMarks
from client.space.committer import OwnSpace
from client.space.reading import Changing, Operation, Reading
from client.space.view import shown
from formats.cid import Block
from formats.errors import (
    Exists,
    Expired,
    Forged,
    Forked,
    NotFound,
    ProtocolViolation,
    Stale,
    Unreachable,
    Withheld,
)
from formats.leaf import Leaf, join_segment
from formats.pointer import Pointer
from node.build import Node
from node.services.blocks import SESSION_LIFE
from protocols import blocks as b
from protocols import pointers as p
from protocols.accounts import Usage
from protocols.services import Blocks, Doors, Pointers
from tests.client.space.conftest import InProcess, device, keys, leaf
from tests.node.people import Clock, Person
from tests.world.faults import Call, Onward, WatchedDoors


async def read(space: OwnSpace, *words: str) -> dict[str, bytes | None]:
    """What a fresh reading finds under these words."""
    reading = await space.reading()
    found = await reading.leaves([keys(word).ref() for word in words])
    return {
        word: found[keys(word).label].body if keys(word).label in found else None for word in words
    }


def put(word: str, content: bytes) -> Operation[str]:
    async def operation(change: Changing) -> str:
        change.put(*leaf(word, content))
        return word

    return operation


async def test_what_is_committed_is_read_by_another_device(
    alice: Person, network: InProcess
) -> None:
    first, second = device(alice, network), device(alice, network)
    assert await first.commit(put("a", b"one")) == "a"
    assert await read(second, "a", "b") == {"a": b"one", "b": None}


async def test_devices_that_race_lose_nothing(alice: Person, network: InProcess) -> None:
    devices = [device(alice, network) for _ in range(4)]
    async with trio.open_nursery() as nursery:
        for number, each in enumerate(devices):
            for turn in range(5):
                nursery.start_soon(each.commit, put(f"{number}/{turn}", bytes([number, turn])))
    words = [f"{number}/{turn}" for number in range(4) for turn in range(5)]
    found = await read(device(alice, network), *words)
    assert found == {f"{n}/{t}": bytes([n, t]) for n in range(4) for t in range(5)}


async def test_operations_that_meet_share_one_pointer(alice: Person, network: InProcess) -> None:
    space = device(alice, network)
    await space.commit(put("first", b"-"))
    before = (await space._view.refresh()).tip.pointer.seq
    async with trio.open_nursery() as nursery:
        for number in range(50):
            nursery.start_soon(space.commit, put(str(number), b"x"))
    after = (await space._view.refresh()).tip.pointer.seq
    assert after - before <= 3
    assert all((await read(space, *map(str, range(50)))).values())


async def test_an_operation_that_raises_falls_out_alone(alice: Person, network: InProcess) -> None:
    space = device(alice, network)

    async def refuse(change: Changing) -> None:
        change.put(*leaf("bad", b"never"))
        raise Exists("it is there")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(space.commit, put("good", b"yes"))
        with pytest.raises(Exists):
            await space.commit(refuse)
    assert await read(space, "good", "bad") == {"good": b"yes", "bad": None}


async def test_a_failure_on_an_old_state_is_tried_again_on_the_new(
    alice: Person, network: InProcess
) -> None:
    old, new = device(alice, network), device(alice, network)
    await old.commit(put("a", b"1"))
    await new.commit(put("b", b"2"))

    async def needs_b(change: Changing) -> bytes | None:
        found = await change.leaves([keys("b").ref()])
        if not found:
            raise NotFound("b")
        return found[keys("b").label].body

    assert await old.commit(needs_b) == b"2"


async def test_an_overlay_is_seen_by_its_own_reads(alice: Person, network: InProcess) -> None:
    async def operation(change: Changing) -> list[bytes | None]:
        seen: list[bytes | None] = []
        change.put(*leaf("a", b"1"))
        seen.append((await change.leaves([keys("a").ref()]))[keys("a").label].body)
        change.delete(keys("a").label)
        seen.append(None if not await change.leaves([keys("a").ref()]) else b"still there")
        return seen

    assert await device(alice, network).commit(operation) == [b"1", None]


async def test_staged_segments_are_committed_and_read(alice: Person, network: InProcess) -> None:
    space = device(alice, network)
    parts = [Block.raw(join_segment(0, bytes([n]) * 200_000)) for n in range(5)]
    made = keys("file")
    chunk = Leaf(made.lock(made.label).public, segments=tuple(part.cid for part in parts))
    async with space.staging() as staging:
        await staging.stage(parts)

        async def operation(change: Changing) -> None:
            change.use_staging(staging.session)
            change.put(made.label, chunk)

        await space.commit(operation)
    reading = await device(alice, network).reading()
    got = await reading.segments(made.ref(), chunk, [3, 0])
    assert got == [parts[3].data, parts[0].data]


async def test_what_was_staged_is_read_back_before_it_is_committed(
    alice: Person, network: InProcess
) -> None:
    parts = [Block.raw(join_segment(0, bytes([n]) * 200_000)) for n in range(100)]
    cids = [part.cid for part in parts]
    async with device(alice, network).staging() as staging:
        await staging.stage(parts)
        assert await staging.recall([*cids[::-1], cids[5]]) == [
            part.data for part in (*parts[::-1], parts[5])
        ]
        with pytest.raises(Withheld):
            await staging.recall([cids[0], Block.raw(b"never staged").cid])


async def test_a_session_that_was_left_open_goes_on_from_another_device(
    alice: Person, network: InProcess
) -> None:
    parts = [Block.raw(bytes((n,)) * 1000) for n in range(3)]
    cids = [part.cid for part in parts]
    left = await device(alice, network).open_staging()
    await left.stage(parts[:2])
    other = device(alice, network)
    staging = other.staged(left.session)
    assert await staging.missing(cids * 2000) == {parts[2].cid}
    await staging.stage(parts[2:])
    label, made = leaf("a", b"x")

    async def operation(change: Changing) -> None:
        change.use_staging(left.session)
        change.put(label, replace(made, segments=tuple(cids)))

    await other.commit(operation)
    await other.close_staging(left.session)
    assert not await (await other.open_staging()).missing(cids)
    with pytest.raises(Expired):
        await left.missing(cids)


async def test_a_session_is_over_after_seven_days_of_silence(
    node: Node, alice: Person, network: InProcess
) -> None:
    part = Block.raw(b"x" * 1000)
    staging = await device(alice, network).open_staging()
    clock = node.clock
    assert isinstance(clock, Clock)
    await staging.stage([part])
    clock.now += SESSION_LIFE - 1
    await staging.stage([part])
    clock.now += SESSION_LIFE - 1
    assert not await staging.missing([part.cid])
    clock.now += 2
    with pytest.raises(Expired):
        await staging.missing([part.cid])


async def test_a_large_commit_goes_ahead_in_pieces(alice: Person, network: InProcess) -> None:
    space = device(alice, network)
    words = [f"w{n}" for n in range(200)]

    async def operation(change: Changing) -> None:
        for word in words:
            change.put(*leaf(word, word.encode() * 10_000))

    await space.commit(operation)
    found = await read(device(alice, network), *words)
    assert found == {word: word.encode() * 10_000 for word in words}


async def test_more_leaves_than_one_answer_holds(alice: Person, network: InProcess) -> None:
    space = device(alice, network)
    words = [f"w{n}" for n in range(350)]

    async def operation(change: Changing) -> None:
        for word in words:
            change.put(*leaf(word, word.encode() * 15_000))

    await space.commit(operation)
    found = await read(device(alice, network), *words)
    assert sum(len(content or b"") for content in found.values()) > 16 * 1024 * 1024
    assert found == {word: word.encode() * 15_000 for word in words}


class Reads:
    """Notes the reads of all connections made after this."""

    def __init__(self, network: InProcess) -> None:
        self.asked: list[b.Read] = []
        network.wrap = lambda doors: cast(Doors, WatchedDoors(doors, self._meet))

    @property
    def count(self) -> int:
        """How many so far."""
        return len(self.asked)

    async def _meet(self, call: Call, onward: Onward) -> object:
        if isinstance(call.request, b.Read):
            self.asked.append(call.request)
        return await onward(call.request)


def put_many(word: str, count: int, content: bytes) -> Operation[None]:
    async def operation(change: Changing) -> None:
        for number in range(count):
            change.put(*leaf(f"{word}{number}", content))

    return operation


async def test_the_ways_to_many_changes_are_asked_for_together(
    alice: Person, network: InProcess
) -> None:
    await device(alice, network).commit(put_many("old", 2000, b"old"))
    reads = Reads(network)
    fresh = device(alice, network)
    await fresh.commit(put_many("new", 700, b"new"))
    assert reads.count <= 4  # the root, and 512 ways at a time
    assert await read(device(alice, network), "old1999", "new699") == {
        "old1999": b"old",
        "new699": b"new",
    }


async def test_leaves_whose_place_is_known_are_asked_for_by_name(
    alice: Person, network: InProcess
) -> None:
    await device(alice, network).commit(put_many("leaf", 20, b"x"))  # one node has them all
    reads, space = Reads(network), device(alice, network)
    assert await read(space, "leaf0") == {"leaf0": b"x"}
    reads.asked.clear()
    words = [f"leaf{number}" for number in range(20)]
    assert await read(space, *words, "none") == {**dict.fromkeys(words, b"x"), "none": None}
    assert [(len(each.items), len(each.nodes)) for each in reads.asked] == [(0, 19)]


async def test_what_is_asked_for_by_name_and_left_out_is_withheld(
    alice: Person, network: InProcess
) -> None:
    await device(alice, network).commit(put_many("leaf", 3, b"x"))
    space, keep = device(alice, network), [True] * 3

    def wrap(doors: Doors) -> Doors:
        between = Between(doors)
        between.blocks = LeavesOut(doors.blocks, keep)
        return between

    network.wrap = wrap
    assert await read(space, "leaf0") == {"leaf0": b"x"}
    keep.clear()
    with pytest.raises(Withheld):
        await read(space, "leaf1", "leaf2")


async def test_what_a_large_commit_made_is_at_hand(alice: Person, network: InProcess) -> None:
    reads = Reads(network)
    space = device(alice, network)
    await space.commit(put_many("large", 200, b"x" * 60_000))
    before = reads.count
    await space.commit(put("one", b"more"))
    assert reads.count == before


class Between:
    """Doors whose pointers and blocks doors can be replaced."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self.peer, self.accounts = doors.peer, doors.accounts
        self.inbox, self.directory = doors.inbox, doors.directory
        self.replicas = doors.replicas
        self.courier = doors.courier
        self.blocks: Blocks = doors.blocks
        self.pointers: Pointers = doors.pointers

    async def aclose(self) -> None:
        """Close what is behind."""
        await self._doors.aclose()


class LosesAnswer:
    """A pointers door that commits the first time and loses the answer."""

    def __init__(self, door: Pointers, lost: list[int]) -> None:
        self._door, self._lost = door, lost
        self.resolve, self.watch = door.resolve, door.watch
        self.kept, self.weigh, self.pins = door.kept, door.weigh, door.pins
        self.pin, self.unpin, self.let_go = door.pin, door.unpin, door.let_go

    async def move(self, request: p.Move) -> p.Committed | p.Conflict:
        """Commit; the first answer gets lost."""
        answer = await self._door.move(request)
        if not self._lost:
            self._lost.append(1)
            raise Unreachable("the line broke")
        return answer


async def test_a_lost_answer_is_no_lost_and_no_double_commit(
    alice: Person, network: InProcess
) -> None:
    lost: list[int] = []

    def wrap(doors: Doors) -> Doors:
        between = Between(doors)
        between.pointers = LosesAnswer(doors.pointers, lost)
        return between

    network.wrap = wrap
    space = device(alice, network)
    runs = 0

    async def operation(change: Changing) -> int:
        nonlocal runs
        runs += 1
        change.put(*leaf("a", b"once"))
        return runs

    assert await space.commit(operation) == 1
    assert lost
    assert await read(space, "a") == {"a": b"once"}


class Replays:
    """A pointers door that answers with a state of the past."""

    def __init__(self, door: Pointers, past: p.Resolved) -> None:
        self._door, self._past = door, past
        self.move, self.watch = door.move, door.watch
        self.kept, self.weigh, self.pins = door.kept, door.weigh, door.pins
        self.pin, self.unpin, self.let_go = door.pin, door.unpin, door.let_go

    async def resolve(self, request: p.Resolve) -> p.Resolved:
        """The past."""
        return self._past


async def past_of(alice: Person, network: InProcess) -> p.Resolved:
    space = device(alice, network)
    connected = await space._view.line.connected()
    record = alice.space.record
    return await connected.doors.pointers.resolve(p.Resolve(record.owner, record.space, None))


def replaying(network: InProcess, past: p.Resolved) -> None:
    def wrap(doors: Doors) -> Doors:
        between = Between(doors)
        between.pointers = Replays(doors.pointers, past)
        return between

    network.wrap = wrap


async def test_an_older_state_is_refused_also_after_a_restart(
    alice: Person, network: InProcess
) -> None:
    marks = MemoryMarks()
    past = await past_of(alice, network)
    await device(alice, network, marks).commit(put("a", b"1"))
    replaying(network, past)
    with pytest.raises(Stale):
        await device(alice, network, marks).reading()
    # Somebody who never saw the newer one cannot know better.
    assert (await device(alice, network).reading()).owner == alice.id


async def test_a_forked_state_is_refused(alice: Person, network: InProcess, node: Node) -> None:
    marks = MemoryMarks()
    await device(alice, network, marks).commit(put("a", b"1"))
    root, _ = alice.space.change({})
    forked = alice.space.sign(root)
    shown = await past_of(alice, network)
    spine = (*shown.spine,)
    replaying(network, replace(shown, pointer=forked.encoded, spine=spine))
    with pytest.raises((Forked, Forged)):
        await device(alice, network, marks).reading()


class Pretends:
    """A pointers door that takes nothing, and answers a commit as it pleases."""

    def __init__(self, door: Pointers, answer: Callable[[], Awaitable[p.Committed | p.Conflict]]):
        self._door, self._answer = door, answer
        self.resolve, self.watch = door.resolve, door.watch
        self.kept, self.weigh, self.pins = door.kept, door.weigh, door.pins
        self.pin, self.unpin, self.let_go = door.pin, door.unpin, door.let_go

    async def move(self, request: p.Move) -> p.Committed | p.Conflict:
        """The lie."""
        return await self._answer()


def pretending(
    network: InProcess, answer: Callable[[], Awaitable[p.Committed | p.Conflict]]
) -> None:
    def wrap(doors: Doors) -> Doors:
        between = Between(doors)
        between.pointers = Pretends(doors.pointers, answer)
        return between

    network.wrap = wrap


async def test_a_conflict_with_nothing_is_no_answer(alice: Person, network: InProcess) -> None:
    async def nothing() -> p.Conflict:
        await trio.lowlevel.checkpoint()
        return p.Conflict(())

    pretending(network, nothing)
    with pytest.raises(ProtocolViolation):
        await device(alice, network).commit(put("a", b"1"))


async def test_a_home_cannot_take_a_change_and_show_a_history_without_it(
    alice: Person, network: InProcess
) -> None:
    """Two devices, one history for each: caught though both answers come at once."""
    space = device(alice, network)
    past = await past_of(alice, network)
    root, _ = alice.space.change({keys("other").label: leaf("other", b"device")[1]})
    body = Pointer.decode(past.pointer).body
    fork = replace(past, pointer=alice.space.sign(root).encoded, spine=(body,))

    async def show_the_other_line() -> p.Committed:
        await space._view.accept(shown(fork), 0)
        return p.Committed(Usage(0, 0, 0))

    pretending(network, show_the_other_line)
    with pytest.raises(Forked):
        await space.commit(put("a", b"1"))


class LeavesOut:
    """A blocks door that leaves some blocks out of its answers."""

    def __init__(self, door: Blocks, keep: Sequence[bool]) -> None:
        self._door, self._keep = door, keep
        self.open_session, self.stage = door.open_session, door.stage
        self.missing, self.close_session = door.missing, door.close_session
        self.recall, self.lost, self.mend = door.recall, door.lost, door.mend

    async def read(self, request: b.Read) -> b.Found:
        """An answer with only the kept positions of its blocks."""
        found = await self._door.read(request)
        kept = tuple(
            block
            for at, block in enumerate(found.blocks)
            if at < len(self._keep) and self._keep[at]
        )
        return replace(found, blocks=kept)


@pytest.mark.parametrize("left_out", range(3))
async def test_what_a_home_leaves_out_is_withheld(
    alice: Person, network: InProcess, left_out: int
) -> None:
    await device(alice, network).commit(put("a", b"1"))

    def wrap(doors: Doors) -> Doors:
        between = Between(doors)
        between.blocks = LeavesOut(doors.blocks, [at != left_out for at in range(3)])
        return between

    network.wrap = wrap
    with pytest.raises(Withheld):
        await read(device(alice, network), "a")


async def test_reading_is_at_one_state(alice: Person, network: InProcess) -> None:
    space = device(alice, network)
    await space.commit(put("a", b"1"))
    old: Reading = await device(alice, network).reading()
    await space.commit(put("a", b"2"))
    found = await old.leaves([keys("a").ref()])
    assert found[keys("a").label].body == b"1"


class HoldsAnswer:
    """A pointers door that keeps its next answer back until it is told to let go."""

    def __init__(self, door: Pointers, held: trio.Event, let_go: trio.Event) -> None:
        self._door, self._held, self._let_go = door, held, let_go
        self.move, self.watch = door.move, door.watch
        self.kept, self.weigh, self.pins = door.kept, door.weigh, door.pins
        self.pin, self.unpin, self.let_go = door.pin, door.unpin, door.let_go

    async def resolve(self, request: p.Resolve) -> p.Resolved:
        """An answer that takes its time, the first one."""
        answer = await self._door.resolve(request)
        if not self._held.is_set():
            self._held.set()
            await self._let_go.wait()
        return answer


@pytest.mark.parametrize("newer_elsewhere", [False, True])
async def test_an_answer_overtaken_by_commits_is_no_lie(
    alice: Person, network: InProcess, newer_elsewhere: bool
) -> None:
    space, other = device(alice, network), device(alice, network)
    await space.commit(put("a", b"1"))
    if newer_elsewhere:
        await other.commit(put("b", b"2"))
    held, let_go = trio.Event(), trio.Event()

    def wrap(doors: Doors) -> Doors:
        between = Between(doors)
        between.pointers = HoldsAnswer(doors.pointers, held, let_go)
        return between

    network.wrap = wrap
    await space._view.line.aclose()
    found: list[dict[str, bytes | None]] = []

    async def look() -> None:
        found.append(await read(space, "a", "b", "c"))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(look)
        await held.wait()
        for _ in range(3):
            await space.commit(put("c", b"3"))
        let_go.set()
    assert found == [{"a": b"1", "b": b"2" if newer_elsewhere else None, "c": b"3"}]
