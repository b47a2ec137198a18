"""The inbox door: anybody leaves, the owner collects, and nobody learns who lives here."""

from itertools import count

import pytest
import trio
import trio.testing

from crypto.work import check
from formats.drop import DAY, Drop, day_of, token_hash, work_target
from formats.errors import Denied, Expired, Malformed, TooMany, Unfit
from node.build import Node
from node.services import inbox as rules
from protocols import inbox as i
from protocols.services import Doors
from tests.node.people import NOW, Clock, Person, secret

BITS = 4
TOKEN = bytes(range(16))


@pytest.fixture
async def mine(node: Node, alice: Person) -> Doors:
    doors = node.open()
    await alice.arrive(doors)
    return doors


@pytest.fixture
async def theirs(node: Node) -> Doors:
    """Anybody."""
    return node.open(node.caller(b"another node", local=False))


def sealed(*words: object) -> bytes:
    return secret("message", *words).reveal() * 512


def worked(target: bytes, *words: object, day: int | None = None, bits: int = BITS) -> i.Leave:
    message = sealed(*words)
    drop = Drop.worked(target, day_of(NOW) if day is None else day, message, bits)
    return i.Leave(drop.encoded, message)


def paid(target: bytes, *words: object, token: bytes = TOKEN) -> i.Leave:
    return i.Leave(Drop(target, day_of(NOW), token).encoded, sealed(*words))


async def allow(mine: Doors, alice: Person, uses: int = 2, life: int = DAY) -> None:
    await mine.inbox.allow(i.Allow(alice.id, token_hash(TOKEN), uses, NOW + life))


async def waiting(mine: Doors, alice: Person, after: int = 0) -> list[bytes]:
    found = await mine.inbox.collect(i.Collect(alice.id, after, 0))
    return [each.sealed for each in found.messages]


# --- with work


async def test_a_message_that_paid_with_work_arrives(
    mine: Doors, theirs: Doors, alice: Person, clock: Clock
) -> None:
    assert await theirs.inbox.leave(worked(alice.id, 1)) == i.Taken()
    found = await mine.inbox.collect(i.Collect(alice.id, 0, 0))
    (message,) = found.messages
    assert (message.sealed, message.arrived) == (sealed(1), clock.now)


async def test_a_message_for_nobody_is_taken_just_so(
    node: Node, theirs: Doors, alice: Person
) -> None:
    assert await theirs.inbox.leave(worked(bytes(32), 1)) == i.Taken()
    assert await node.store.read(lambda view: view.inbox_size(bytes(32))) == (0, 0)


async def test_one_piece_of_work_leaves_one_message(
    mine: Doors, theirs: Doors, alice: Person
) -> None:
    request = worked(alice.id, 1)
    for _ in range(3):
        assert await theirs.inbox.leave(request) == i.Taken()
    assert await waiting(mine, alice) == [sealed(1)]
    (message,) = (await mine.inbox.collect(i.Collect(alice.id, 0, 0))).messages
    await mine.inbox.delete(i.Delete(alice.id, (message.seq,)))
    await theirs.inbox.leave(request)
    assert await waiting(mine, alice) == []


@pytest.mark.parametrize(("off", "taken"), [(-2, False), (-1, True), (0, True), (2, False)])
async def test_work_is_for_its_day(
    mine: Doors, theirs: Doors, alice: Person, off: int, taken: bool
) -> None:
    request = worked(alice.id, 1, day=day_of(NOW) + off)
    if taken:
        await theirs.inbox.leave(request)
    else:
        with pytest.raises(Denied):
            await theirs.inbox.leave(request)
    assert len(await waiting(mine, alice)) == taken


async def test_too_little_work_is_denied_whoever_it_is_for(
    mine: Doors, theirs: Doors, alice: Person
) -> None:
    said = set()
    for target in (alice.id, bytes(32)):
        lazy = Drop(target, day_of(NOW), work=_bad_work(target))
        with pytest.raises(Denied) as refused:
            await theirs.inbox.leave(i.Leave(lazy.encoded, sealed(1)))
        said.add(str(refused.value))
    assert len(said) == 1
    assert await waiting(mine, alice) == []


def _bad_work(target: bytes) -> int:
    work, message = 0, sealed(1)
    while True:
        try:
            Drop(target, day_of(NOW), work=work).check_work(message, BITS, NOW)
        except Denied:
            return work
        work += 1


async def test_work_for_one_is_no_work_for_another(
    mine: Doors, theirs: Doors, alice: Person
) -> None:
    day, message = day_of(NOW), sealed(1)
    theirs_but_not_mine = next(
        work
        for work in count()
        if check(work_target(bytes(32), day, message), work, BITS)
        and not check(work_target(alice.id, day, message), work, BITS)
    )
    moved = Drop(alice.id, day, work=theirs_but_not_mine)
    with pytest.raises(Denied):
        await theirs.inbox.leave(i.Leave(moved.encoded, message))


# --- with a token


async def test_a_token_lets_in_as_often_as_it_says(
    mine: Doors, theirs: Doors, alice: Person
) -> None:
    await allow(mine, alice, uses=2)
    for n in range(2):
        await theirs.inbox.leave(paid(alice.id, n))
    with pytest.raises(TooMany):
        await theirs.inbox.leave(paid(alice.id, 2))
    assert await waiting(mine, alice) == [sealed(0), sealed(1)]


async def test_an_expired_token_is_told_so(
    mine: Doors, theirs: Doors, alice: Person, clock: Clock
) -> None:
    await allow(mine, alice, life=1000)
    clock.now += 1000
    with pytest.raises(Expired):
        await theirs.inbox.leave(paid(alice.id))


async def test_an_unknown_token_and_an_unknown_target_are_answered_alike(
    mine: Doors, theirs: Doors, alice: Person
) -> None:
    await allow(mine, alice)
    said = set()
    for target, token in ((alice.id, bytes(16)), (bytes(32), bytes(16)), (bytes(32), TOKEN)):
        with pytest.raises(Denied) as refused:
            await theirs.inbox.leave(paid(target, token=token))
        said.add(str(refused.value))
    assert len(said) == 1


async def test_allowing_a_token_again_does_not_refill_it(
    mine: Doors, theirs: Doors, alice: Person
) -> None:
    await allow(mine, alice, uses=1)
    await theirs.inbox.leave(paid(alice.id))
    await allow(mine, alice, uses=1)
    with pytest.raises(TooMany):
        await theirs.inbox.leave(paid(alice.id))


async def test_spent_work_is_no_token(mine: Doors, theirs: Doors, alice: Person) -> None:
    await theirs.inbox.leave(worked(alice.id, 1))
    with pytest.raises(Denied):
        await theirs.inbox.leave(paid(alice.id, token=bytes(16)))


@pytest.mark.parametrize(
    ("uses", "life"), [(0, DAY), (1025, DAY), (1, 0), (1, rules.MAX_TOKEN_LIFE + 1)]
)
async def test_a_token_without_sense_is_refused(
    mine: Doors, alice: Person, uses: int, life: int
) -> None:
    with pytest.raises(Unfit):
        await allow(mine, alice, uses, life)


async def test_a_flood_of_work_does_not_shut_out_tokens(
    node: Node,
    mine: Doors,
    theirs: Doors,
    alice: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "MAX_ANONYMOUS", 3)
    monkeypatch.setattr(rules, "MAX_WAITING", 5)
    await allow(mine, alice, uses=9)
    for n in range(6):
        assert await theirs.inbox.leave(worked(alice.id, "flood", n)) == i.Taken()
    assert len(await waiting(mine, alice)) == 3
    for n in range(2):
        await theirs.inbox.leave(paid(alice.id, "friend", n))
    with pytest.raises(TooMany):
        await theirs.inbox.leave(paid(alice.id, "one too many"))
    assert len(await waiting(mine, alice)) == 5


async def test_bytes_are_bounded_too(
    mine: Doors, theirs: Doors, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MAX_WAITING_BYTES", 2 * 16 * 1024)
    for n in range(3):
        await theirs.inbox.leave(worked(alice.id, n))
    assert len(await waiting(mine, alice)) == 2


@pytest.mark.parametrize("size", [0, 16383, 16385])
async def test_messages_have_one_size(theirs: Doors, alice: Person, size: int) -> None:
    request = worked(alice.id, 1)
    with pytest.raises(Malformed):
        await theirs.inbox.leave(i.Leave(request.drop, bytes(size)))


# --- collecting


async def test_the_owner_collects_in_order_and_deletes(
    mine: Doors, theirs: Doors, alice: Person
) -> None:
    for n in range(i.MAX_MESSAGES + 3):
        await theirs.inbox.leave(worked(alice.id, n))
    first = (await mine.inbox.collect(i.Collect(alice.id, 0, 0))).messages
    assert [each.sealed for each in first] == [sealed(n) for n in range(i.MAX_MESSAGES)]
    await mine.inbox.delete(i.Delete(alice.id, tuple(each.seq for each in first)))
    assert len(await waiting(mine, alice)) == 3
    assert len(await waiting(mine, alice, first[-1].seq)) == 3


async def test_who_waits_is_told_when_a_message_comes(
    mine: Doors, theirs: Doors, alice: Person, autojump_clock: trio.testing.MockClock
) -> None:
    seen: list[tuple[int, float]] = []

    async def collect() -> None:
        found = await mine.inbox.collect(i.Collect(alice.id, 0, 60_000))
        seen.append((len(found.messages), trio.current_time()))

    started = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(collect)
        await trio.sleep(7)
        await theirs.inbox.leave(worked(bytes(32), "for another"))
        assert not seen
        await theirs.inbox.leave(worked(alice.id, 1))
    ((count, at),) = seen
    assert count == 1
    assert at - started == pytest.approx(7, abs=0.1)


@pytest.mark.parametrize(("wait", "waited"), [(0, 0), (1500, 1.5), (10**9, 60)])
async def test_who_waits_in_vain_gets_nothing(
    mine: Doors,
    alice: Person,
    wait: int,
    waited: float,
    autojump_clock: trio.testing.MockClock,
) -> None:
    started = trio.current_time()
    found = await mine.inbox.collect(i.Collect(alice.id, 0, wait))
    assert found.messages == ()
    assert trio.current_time() - started == pytest.approx(waited, abs=0.1)


async def test_what_is_done_goes_before_more_is_handed_over(
    mine: Doors, theirs: Doors, alice: Person
) -> None:
    for number in range(3):
        await theirs.inbox.leave(worked(alice.id, number))
    first = (await mine.inbox.collect(i.Collect(alice.id, 0, 0))).messages
    done = tuple(each.seq for each in first[:2])
    again = (await mine.inbox.collect(i.Collect(alice.id, 0, 0, done))).messages
    assert again == first[2:]
    assert (await mine.inbox.collect(i.Collect(alice.id, 0, 0, done))).messages == again
    assert (await mine.inbox.collect(i.Collect(alice.id, 0, 0, ()))).messages == again


async def test_only_the_owner_collects_deletes_and_allows(
    node: Node, mine: Doors, theirs: Doors, alice: Person
) -> None:
    await theirs.inbox.leave(worked(alice.id, 1))
    for target in (alice.id, bytes(32)):
        with pytest.raises(Denied):
            await theirs.inbox.collect(i.Collect(target, 0, 0))
        with pytest.raises(Denied):
            await theirs.inbox.collect(i.Collect(target, 0, 0, (1,)))
        with pytest.raises(Denied):
            await theirs.inbox.delete(i.Delete(target, (1,)))
        with pytest.raises(Denied):
            await theirs.inbox.allow(i.Allow(target, bytes(32), 1, NOW + 1000))
    assert len(await waiting(mine, alice)) == 1
