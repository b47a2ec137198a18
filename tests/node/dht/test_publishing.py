"""Publishing, in virtual time: who, when, where, and how many were counted."""

from collections.abc import Sequence
from functools import partial

import pytest
import trio
from trio.testing import MockClock

from formats.errors import Unfit, Unreachable
from formats.whereabouts import Home
from node.dht.publishing import RETRY_SECONDS, Publisher
from node.dht.service import Stored
from node.finding import choose
from storage.contracts import AccountRow, IdentityRow, Transaction
from storage.memory import MemoryStore
from tests.node.dht.town import published
from tests.node.people import Clock
from tests.node.transport.test_network import moment

HOUR = 3600.0
ALICE = published("alice")
NODES = frozenset(bytes([n]) for n in range(20))


class Storing:
    """Nodes that take everything; each look around is noted with its hour and how many were new."""

    def __init__(self) -> None:
        self.looks: list[tuple[float, bytes, int]] = []
        self.data: list[bytes] = []
        self.take = NODES
        self.gone = False
        self.began = trio.current_time()

    async def store(
        self, key: bytes, data: bytes, hints: Sequence[Home], has: frozenset[bytes]
    ) -> Stored:
        await trio.lowlevel.checkpoint()
        hour = round((trio.current_time() - self.began) / HOUR, 2)
        self.looks.append((hour, key, len(self.take - has)))
        self.data.append(data)
        if self.gone:
            raise Unreachable("nobody is there")
        return Stored(self.take, len(NODES))

    def of(self, key: bytes) -> list[tuple[float, int]]:
        """(hour, how many were new) for one key."""
        return [(hour, fresh) for hour, looked, fresh in self.looks if looked == key]


@pytest.fixture
async def storing() -> Storing:
    await trio.lowlevel.checkpoint()
    return Storing()


@pytest.fixture
async def store(storing: Storing) -> MemoryStore:
    """Alice and Bob have accounts; Alice chose to be published."""
    made = MemoryStore()
    for name in ("alice", "bob"):
        person = published(name)
        row = AccountRow(name, person.id, b"", 0, 0, b"")
        identity = IdentityRow(person.id, person.chain.encoded, person.whereabouts.encoded)
        await made.write(partial(_put, row=row, identity=identity))
    await made.write(lambda tx: choose(tx, ALICE.id, True))
    return made


def _put(tx: Transaction, row: AccountRow, identity: IdentityRow) -> None:
    tx.put_account(row)
    tx.put_identity(identity)


@pytest.fixture
def publishing(
    store: MemoryStore, storing: Storing, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Publisher:
    """Without a tenth more or less."""
    monkeypatch.setattr(Publisher, "_jittered", lambda _self, seconds: seconds)
    return Publisher(storing, store, clock)


async def run(publishing: Publisher, hours: float) -> None:
    with trio.move_on_after(hours * HOUR):
        await publishing.run()


async def test_looked_after_every_hour_and_stored_again_after_six(
    autojump_clock: MockClock, storing: Storing, publishing: Publisher
) -> None:
    await run(publishing, 13.5)
    for key in ALICE.keys:
        looks = storing.of(key)
        assert [hour for hour, _ in looks] == pytest.approx(list(range(14)), abs=0.05)
        assert [round(hour) for hour, fresh in looks if fresh] == [0, 6, 12]
    told = publishing.publication(ALICE.id)
    assert told is not None
    assert (told.stored, told.asked) == (20, 20)


async def test_who_is_new_among_the_nearest_gets_it_at_the_next_look(
    autojump_clock: MockClock, storing: Storing, publishing: Publisher
) -> None:
    storing.take = frozenset(list(NODES)[:15])
    key, _ = ALICE.keys
    async with trio.open_nursery() as nursery:
        nursery.start_soon(run, publishing, 3.5)
        await trio.testing.wait_all_tasks_blocked()
        await moment(1.5 * HOUR)
        first = publishing.publication(ALICE.id)
        storing.take = NODES
    assert first is not None
    assert first.stored == 15
    assert [fresh for _, fresh in storing.of(key)] == [15, 0, 5, 0]


async def test_a_change_is_stored_everywhere_at_once(
    autojump_clock: MockClock, store: MemoryStore, storing: Storing, publishing: Publisher
) -> None:
    fresh = published("alice", 1, 1)
    identity = IdentityRow(fresh.id, fresh.chain.encoded, fresh.whereabouts.encoded)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(run, publishing, 1.2)
        await moment(0.5 * HOUR)
        await store.write(lambda tx: tx.put_identity(identity))
        publishing.changed(fresh.id)
    looks = storing.of(ALICE.keys[0])
    assert [(round(hour, 1), fresh) for hour, fresh in looks] == [(0, 20), (0.5, 20)]
    assert storing.data[-1] == fresh.encode()


async def test_while_nobody_is_there_it_is_tried_again_and_again(
    autojump_clock: MockClock, storing: Storing, publishing: Publisher
) -> None:
    storing.gone = True
    await run(publishing, 4)
    key, _ = ALICE.keys
    hours = [hour for hour, _ in storing.of(key)]
    minutes = [0, 1, 3, 7, 15, 31, 63, 123, 183]
    assert RETRY_SECONDS == 60
    assert hours == pytest.approx([minute / 60 for minute in minutes], abs=0.03)
    assert publishing.publication(ALICE.id) is None


async def test_a_choice_that_is_taken_back_ends_it(
    autojump_clock: MockClock, store: MemoryStore, storing: Storing, publishing: Publisher
) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(run, publishing, 5)
        await moment(1.5 * HOUR)
        await store.write(lambda tx: choose(tx, ALICE.id, False))
        publishing.changed(ALICE.id)
    assert max(hour for hour, _, _ in storing.looks) < 1.5
    assert publishing.publication(ALICE.id) is None
    with pytest.raises(Unfit):
        await publishing.publish(ALICE.id, ())


async def test_nobody_else_is_published(
    autojump_clock: MockClock, storing: Storing, publishing: Publisher
) -> None:
    await run(publishing, 2.5)
    assert {key for _, key, _ in storing.looks} == set(ALICE.keys)
