"""One-time tokens: contacts pay with them, each once; the home cannot tell whose they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from trio.testing import MockClock

from client.social import contacts, outbox, tokens
from client.social.messages import Type
from client.social.store import System, change, look
from client.social.tokens import A_DAY, AHEAD, LEAST_SLOTS, renew
from client.space.reading import Changing
from formats.drop import Drop, day_of, token_hash
from formats.errors import Denied, TooMany
from protocols import inbox as i
from tests.world.faults import Call, Onward
from tests.world.person import Person
from tests.world.world import World


@pytest.fixture
def moving_clock() -> MockClock:
    """trio's clock for the whole test: runs as usual, and ``World.later`` moves it."""
    return MockClock(rate=1.0)


@dataclass
class Requests:
    """Notes what is asked at inboxes."""

    made: list[object] = field(default_factory=list)

    async def meet(self, call: Call, onward: Onward) -> object:
        self.made.append(call.request)
        return await onward(call.request)

    @property
    def paid(self) -> list[str]:
        """What each message was offered for."""
        left = [each for each in self.made if isinstance(each, i.Leave)]
        return ["token" if Drop.decode(each.drop).token else "work" for each in left]

    @property
    def registered(self) -> list[i.Batch]:
        """Batches of tokens."""
        found = [each for each in self.made if isinstance(each, i.Register)]
        return [batch for each in found for batch in each.batches]


@contextmanager
def noted(*people: Person) -> Iterator[Requests]:
    requests = Requests()
    for person in people:
        person.road.faults.append(requests)
    yield requests
    for person in people:
        person.road.faults.remove(requests)


async def friends(world: World) -> tuple[Person, Person]:
    """Two who have each other's tokens."""
    alice, bob = world.alice, world.bob
    for person in (alice, bob):
        await renew(person.session)
    await alice.befriend(bob)
    await bob.collect()
    await alice.put("note.txt", b"x")
    return alice, bob


async def tell(one: Person, other: Person) -> None:
    """One message, and the other side reads it."""

    async def operation(changing: Changing) -> None:
        system = System(one.session, changing)
        known = await contacts.by_name(system, other.name)
        await outbox.post(system, known, Type.CHANGED)
        await system.flush()

    await change(one.session, operation)
    assert await outbox.flush(one.session) == []
    assert len(await other.collect()) == 1


async def test_friends_pay_with_tokens_and_do_no_work() -> None:
    async with World.open("alice", "bob") as w:
        alice, bob = await friends(w)
        with noted(alice, bob) as requests:
            for _ in range(2):
                await tell(alice, bob)
                await tell(bob, alice)
        assert requests.paid == ["token"] * 4


async def test_when_the_tokens_of_a_day_are_spent_work_serves(moving_clock: MockClock) -> None:
    async with World.open("alice", "bob") as w:
        alice, bob = await friends(w)
        with noted(alice) as requests:
            for _ in range(A_DAY + 1):
                await tell(alice, bob)
            assert requests.paid.count("token") - requests.paid.count("work") in (
                A_DAY - 1,
                A_DAY,
            )
            assert "work" in requests.paid
            w.later(days=1)
            requests.made.clear()
            await tell(alice, bob)
            assert requests.paid == ["token"]


async def test_a_token_that_was_spent_leaves_nothing_more() -> None:
    async with World.open("alice", "bob") as w:
        alice, bob = await friends(w)
        with noted(alice) as requests:
            await tell(alice, bob)
        spent = next(each for each in requests.made if isinstance(each, i.Leave))
        doors = w.places["bob"].open()
        with pytest.raises(TooMany):
            await doors.inbox.leave(spent)
        other = i.Leave(spent.drop, bytes(i.SEALED))
        with pytest.raises(TooMany):
            await doors.inbox.leave(other)
        assert await bob.collect() == []
        drop = Drop(bob.session.id, day_of(w.clock.now_ms()), token=b"t" * 16)
        with pytest.raises(Denied):
            await doors.inbox.leave(i.Leave(drop.encoded, bytes(i.SEALED)))


async def test_spent_ones_do_not_come_back_when_the_home_is_told_again() -> None:
    async with World.open("alice", "bob") as w:
        alice, bob = await friends(w)
        with noted(alice) as requests:
            await tell(alice, bob)
        spent = next(each for each in requests.made if isinstance(each, i.Leave))

        async def forget(changing: Changing) -> None:
            system = System(bob.session, changing)
            await system.remove("tokens")
            await system.flush()

        await change(bob.session, forget)
        await renew(bob.session)
        with pytest.raises(TooMany):
            await w.places["bob"].open().inbox.leave(spent)


async def test_the_home_is_told_the_same_whoever_is_known() -> None:
    async with World.open("alice", "bob") as w:
        carol = await w.settle("carol", "bob")
        with noted(w.alice, carol) as requests:
            await renew(carol.session)
            alone = list(requests.registered)
            requests.made.clear()
            alice, _ = await friends(w)
            assert len(await contacts.contacts(alice.session)) == 1
            befriended = requests.registered
        for batches in (alone, befriended):
            assert len(batches) == AHEAD
            assert {len(batch.hashes) for batch in batches} == {LEAST_SLOTS * A_DAY}
        assert not {h for b in alone for h in b.hashes} & {h for b in befriended for h in b.hashes}


async def test_tokens_are_registered_in_no_order() -> None:
    async with World.open("alice") as w:
        with noted(w.alice) as requests:
            await renew(w.alice.session)
        first = requests.registered
        known = [
            [
                batch.hashes.index(token_hash(tokens._token(key, day, 0)))
                for key in [tokens._slot_key(w.alice.session, slot) for slot in range(LEAST_SLOTS)]
            ]
            for day, batch in enumerate(first, day_of(w.clock.now_ms()))
        ]
        assert len({tuple(each) for each in known}) == AHEAD
        assert sum(each == sorted(each) for each in known) == 0


async def test_each_day_one_more_is_told_and_after_long_all(moving_clock: MockClock) -> None:
    async with World.open("alice") as w:
        with noted(w.alice) as requests:
            for days, told in ((0, AHEAD), (0, 0), (1, 1), (3, 3), (AHEAD + 5, AHEAD)):
                w.later(days=days)
                requests.made.clear()
                await renew(w.alice.session)
                assert len(requests.registered) == told


async def test_who_has_more_friends_registers_twice_as_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tokens, "LEAST_SLOTS", 1)
    async with World.open("alice", "bob") as w:
        alice, _ = await friends(w)
        with noted(alice) as requests:
            await renew(alice.session)
        assert {len(batch.hashes) for batch in requests.registered} == {A_DAY}
        assert len(requests.registered) == AHEAD
        fields = await (await look(alice.session)).get(("tokens",), "tokens")
        assert fields is not None
        assert (fields.uint("taken"), fields.uint("slots")) == (1, 2)


async def test_without_registered_tokens_nobody_is_given_any() -> None:
    async with World.open("alice", "bob") as w:
        await w.alice.befriend(w.bob)
        with noted(w.alice, w.bob) as requests:
            await tell(w.alice, w.bob)
        assert requests.paid == ["work"]
