"""Background jobs: what is over goes, what is not stays, and nothing stops them."""

import logging

import pytest
import trio
import trio.testing

from formats.drop import DAY, token_hash
from formats.errors import DiskFull
from node import room
from node.build import Node
from node.core import Core
from node.jobs import retention
from node.jobs.expiry import close_sessions, forget_tokens
from node.jobs.garbage import collect_garbage
from node.jobs.retention import give_back, release_superseded
from node.jobs.scheduler import Job, keep_running, run_once
from node.jobs.thinning import DEFAULT_KEEP, MINUTE, SECOND
from node.services.blocks import SESSION_LIFE
from protocols import accounts as a
from protocols import blocks as b
from protocols import inbox as i
from protocols import pointers as p
from protocols.services import Doors
from storage.contracts import SpaceKey
from storage.memory import MemoryStore
from tests.node.people import NOW, Clock, Person, label, leaf, lock_key, segment

YEARS = 10**9


@pytest.fixture
async def mine(node: Node, alice: Person) -> Doors:
    doors = node.open()
    await alice.arrive(doors)
    return doors


async def kept(node: Node, alice: Person) -> int:
    key = SpaceKey(alice.id, alice.space.record.space)
    return await node.store.read(lambda view: len(list(view.retained(key))))


async def test_superseded_states_go_after_the_retention_time(
    node: Node, mine: Doors, alice: Person, clock: Clock
) -> None:
    part = segment("x", size=100_000)
    photo = leaf(lock_key("x"), segments=[part])
    await alice.space.commit(mine, {label("x"): photo}, segments=[part])
    clock.now += 60 * MINUTE
    await alice.space.commit(mine, {label("x"): None})
    clock.now += DEFAULT_KEEP * SECOND
    assert await release_superseded(node.core) == 1  # of the first state, an hour older
    assert (await node.store.read(lambda view: view.usage(alice.id)))[0] > 100_000
    clock.now += 1
    assert await release_superseded(node.core) == 1
    while await give_back(node.core):
        pass
    assert (await node.store.read(lambda view: view.usage(alice.id)))[0] < 10_000
    assert await kept(node, alice) == 0
    assert await collect_garbage(node.core) > 0
    assert await node.store.read(lambda view: view.block_size(part.cid)) == len(part.data)
    clock.now += node.config.quarantine * 1000 + 1
    assert await collect_garbage(node.core) > 0
    assert await node.store.read(lambda view: view.block_size(part.cid)) is None


async def test_they_are_thinned_before(
    node: Node, mine: Doors, alice: Person, clock: Clock
) -> None:
    for n in range(8):
        await alice.space.commit(mine, {label(n): leaf(lock_key(n), n)})
        clock.now += MINUTE
    assert await release_superseded(node.core) == 0
    clock.now += 60 * MINUTE
    assert await release_superseded(node.core) == 7
    assert await kept(node, alice) == 1


async def test_an_account_may_keep_less_and_a_node_allow_less(
    node: Node, mine: Doors, alice: Person, clock: Clock
) -> None:
    await alice.space.commit(mine, {label(1): leaf(lock_key(1), 1)})
    told = await mine.accounts.keep(a.Keep(alice.id, 0))
    assert (told.keep, told.keeps, told.most) == (0, 600, node.config.retention)
    clock.now += 600 * SECOND
    assert await release_superseded(node.core) == 0
    clock.now += 1
    assert await release_superseded(node.core) == 1
    told = await mine.accounts.keep(a.Keep(alice.id, 2 * node.config.retention))
    assert told.keeps == node.config.retention
    told = await mine.accounts.keep(a.Keep(alice.id, None))
    assert (told.keep, told.keeps) == (None, DEFAULT_KEEP)


async def test_a_pinned_state_stays(node: Node, mine: Doors, alice: Person, clock: Clock) -> None:
    space = alice.space.record.space
    await alice.space.commit(mine, {label(1): leaf(lock_key(1), 1)})
    await mine.pointers.pin(p.Pin(alice.id, space, 0, b"note"))
    await mine.pointers.pin(p.Pin(alice.id, space, alice.space.seq, b"the current one"))
    await alice.space.commit(mine, {label(2): leaf(lock_key(2), 2)})
    await alice.space.commit(mine, {label(3): leaf(lock_key(3), 3)})
    clock.now += 2 * DEFAULT_KEEP * SECOND
    assert await release_superseded(node.core) == 1
    assert await kept(node, alice) == 2
    await mine.pointers.unpin(p.Unpin(alice.id, space, 0))
    assert await release_superseded(node.core) == 1


async def test_a_pass_lets_others_write_in_between(
    node: Node, mine: Doors, alice: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST", 3)
    monkeypatch.setattr(retention, "BATCH", 1)
    for n in range(8):
        await alice.space.commit(mine, {label(n): leaf(lock_key(n), n)})
    clock.now += (DEFAULT_KEEP + 1) * SECOND
    assert await release_superseded(node.core) == 3
    assert await kept(node, alice) == 5
    job = Job("retention", release_superseded, 1)
    assert await run_once(node.core, job, trio.Lock()) == 5


async def test_what_yielded_meanwhile_is_not_let_go_of_twice(
    node: Node, mine: Doors, alice: Person, clock: Clock
) -> None:
    for n in range(3):
        await alice.space.commit(mine, {label(n): leaf(lock_key(n), n)})
    clock.now += (DEFAULT_KEEP + 1) * SECOND
    due = await node.store.read(lambda view: retention._due(view, YEARS, clock.now))
    assert len(due) == 3
    await node.store.write(lambda tx: room.let_go(tx, due[1]))
    assert await node.store.write(retention._LettingGo(due)) == 2
    assert await kept(node, alice) == 0


async def test_quarantine_yields_when_the_disk_is_nearly_full(
    node: Node, mine: Doors, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = b.OpenSession(alice.id, alice.space.record.space)
    session = (await mine.blocks.open_session(request)).session
    part = segment("x")
    await mine.blocks.stage(b.Stage(session, (part,)))
    await mine.blocks.close_session(b.CloseSession(session))
    least = node.config.limits.min_free
    for free, size in ((2 * least, len(part.data)), (2 * least - 1, None)):
        monkeypatch.setattr(node.core.gate, "free", lambda free=free: free)
        await collect_garbage(node.core)
        assert await node.store.read(lambda view: view.block_size(part.cid)) == size


async def test_sessions_that_are_over_are_closed(
    node: Node, mine: Doors, alice: Person, clock: Clock
) -> None:
    request = b.OpenSession(alice.id, alice.space.record.space)
    session = (await mine.blocks.open_session(request)).session
    await mine.blocks.stage(b.Stage(session, (segment("x"),)))
    assert await close_sessions(node.core) == 0
    clock.now += SESSION_LIFE + 1
    assert await close_sessions(node.core) == 1
    assert (await node.store.read(lambda view: view.usage(alice.id)))[1] == 0


async def test_expired_tokens_are_forgotten(
    node: Node, mine: Doors, alice: Person, clock: Clock
) -> None:
    hashed = token_hash(bytes(16))
    await mine.inbox.allow(i.Allow(alice.id, hashed, 1, NOW + DAY))
    await forget_tokens(node.core)
    assert await node.store.read(lambda view: view.token(alice.id, hashed)) is not None
    clock.now += DAY + 1
    await forget_tokens(node.core)
    assert await node.store.read(lambda view: view.token(alice.id, hashed)) is None


async def test_a_job_that_fails_is_tried_again_and_stops_nobody(
    node: Node, caplog: pytest.LogCaptureFixture, autojump_clock: trio.testing.MockClock
) -> None:
    ran: list[str] = []

    async def failing(core: Core) -> int:
        ran.append("failing")
        raise DiskFull("no room")

    async def working(core: Core) -> int:
        ran.append("working")
        return 0

    with caplog.at_level(logging.ERROR, logger="holdfast"), trio.move_on_after(3.5):
        await keep_running(node.core, (Job("failing", failing, 1), Job("working", working, 1)))
    assert ran.count("failing") == ran.count("working") == 3
    assert "job failed job=failing kind=DiskFull" in caplog.text


async def test_jobs_run_one_at_a_time(node: Node, autojump_clock: trio.testing.MockClock) -> None:
    running, most = 0, 0

    async def job(core: Core) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await trio.sleep(0.5)
        running -= 1
        return 0

    with trio.move_on_after(10):
        await keep_running(node.core, tuple(Job(str(n), job, 1) for n in range(3)))
    assert most == 1


async def test_who_does_not_keep_house_runs_no_jobs(
    node: Node, monkeypatch: pytest.MonkeyPatch, autojump_clock: trio.testing.MockClock
) -> None:
    ran: list[float] = []

    async def job(core: Core) -> int:
        ran.append(trio.current_time())
        return 0

    began = trio.current_time()
    monkeypatch.setattr(
        MemoryStore, "keeps_house", property(lambda _: trio.current_time() > began + 5)
    )
    with trio.move_on_after(8.5):
        await keep_running(node.core, (Job("job", job, 2),))
    assert [at - began for at in ran] == [6, 8]
