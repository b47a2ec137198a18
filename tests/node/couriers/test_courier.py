"""A courier passes drops on and nothing else, to nodes it may dial, as often as it may."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trio

from crypto.secret import random_secret
from formats.courier.envelope import Arrive, Enquire, Hop, Posted, post
from formats.courier.record import CourierRecord
from formats.courier.reply import Reply
from formats.drop import DAY, Drop, day_of, token_hash
from formats.errors import Denied, Expired, Malformed, Stale, TooMany, Unreachable
from formats.whereabouts import Home
from node.build import Node, build
from node.caller import Caller
from node.config import Config
from node.couriers import flow
from node.couriers.keys import FRESH
from node.transport.memory import MemoryNetwork
from protocols import courier as c
from protocols import inbox as i
from protocols.services import Doors
from storage.memory import MemoryStore
from tests.node.people import NOW, Clock, Person, secret

NAMES = ("first", "second", "home")
MESSAGE = b"s" * i.SEALED
TOKEN = b"t" * 16
OUTSIDE = Caller(b"sender", local=False, site="9.9.9.9")


@dataclass
class Town:
    """Three nodes that reach each other; alice lives at the last."""

    nodes: dict[str, Node]
    network: MemoryNetwork
    clock: Clock
    alice: Person
    mine: Doors

    def home(self, name: str, *addresses: str) -> Home:
        found = addresses or (f"/dns4/{name}.example/tcp/4061",)
        return Home(self.nodes[name].peer_id, found)

    def doors(self, name: str, caller: Caller = OUTSIDE) -> Doors:
        return self.nodes[name].open(replace(caller))

    async def hop(self, name: str, *addresses: str) -> Hop:
        shown = await self.doors(name).courier.show(c.Show())
        home = self.home(name, *addresses)
        return Hop(home, CourierRecord.read(shown.record, home.peer))

    async def posted(
        self, *names: str, token: bytes | None = None, message: bytes = MESSAGE
    ) -> tuple[Posted, Arrive]:
        way = [await self.hop(name) for name in names]
        return _posted(way, self.alice.id, token, message)

    async def waiting(self) -> list[bytes]:
        found = await self.mine.inbox.collect(i.Collect(self.alice.id, 0, 0))
        return [each.sealed for each in found.messages]


def _posted(
    way: list[Hop], target: bytes, token: bytes | None, message: bytes = MESSAGE
) -> tuple[Posted, Arrive]:
    day = day_of(NOW)
    drop = Drop(target, day, token) if token else Drop.worked(target, day, message, 4)
    last = Arrive(drop.encoded, random_secret())
    return post(way, last, message), last


def carry(posted: Posted) -> c.Carry:
    return c.Carry(posted.left, posted.work, posted.envelope)


@pytest.fixture
async def town(tmp_path: Path, nursery: trio.Nursery) -> AsyncIterator[Town]:
    clock = Clock()
    network = MemoryNetwork(nursery)
    config = Config(tmp_path, work_bits=4)
    async with AsyncExitStack() as stack:
        nodes = {}
        for name in NAMES:
            made = build(config, store=MemoryStore(), clock=clock, key=secret("node", name))
            nodes[name] = await stack.enter_async_context(made)
            nodes[name].carry(network, tuple)
            network.add(nodes[name])
        alice = Person("alice")
        mine = nodes["home"].open()
        await alice.sign_up(mine)
        await alice.arrive(mine)
        yield Town(nodes, network, clock, alice, mine)


async def test_a_drop_arrives_and_its_sender_is_told(town: Town) -> None:
    posted, last = await town.posted(*NAMES)
    carried = await town.doors("first").courier.carry(carry(posted))
    assert Reply.open(carried.reply, last.reply) == Reply()
    assert await town.waiting() == [MESSAGE]


async def test_what_the_home_says_of_a_token_reaches_the_sender_alone(town: Town) -> None:
    await town.mine.inbox.allow(i.Allow(town.alice.id, token_hash(TOKEN), 1, NOW + DAY))
    seen = []
    for number in range(3):
        if number == 2:
            town.clock.now += DAY
        posted, last = await town.posted(*NAMES, token=TOKEN, message=bytes([number]) * i.SEALED)
        carried = await town.doors("first").courier.carry(carry(posted))
        seen.append(type(Reply.open(carried.reply, last.reply).error))
    assert seen == [type(None), TooMany, Expired]
    assert await town.waiting() == [bytes(i.SEALED)]


async def test_a_node_is_asked_for_its_record_on_behalf_of_somebody(town: Town) -> None:
    way = [await town.hop("first"), await town.hop("second")]
    last = Enquire(town.home("home"), random_secret())
    carried = await town.doors("first").courier.carry(carry(post(way, last)))
    record = Reply.open(carried.reply, last.reply).record
    assert record is not None
    assert CourierRecord.read(record, town.home("home").peer).work_bits == 4


async def test_an_envelope_is_passed_on_once(town: Town) -> None:
    posted, _ = await town.posted(*NAMES)
    doors = town.doors("first")
    await doors.courier.carry(carry(posted))
    refilled = posted.envelope[:-1] + b"?"  # the filling is not what tells them apart
    for again in (posted, replace(posted, envelope=refilled)):
        with pytest.raises(Denied):
            await doors.courier.carry(carry(again))
    assert await town.waiting() == [MESSAGE]


async def test_a_home_that_is_away_is_said_to_be(town: Town) -> None:
    posted, _ = await town.posted(*NAMES)
    await town.network.remove(town.home("home").peer)
    with pytest.raises(Unreachable):
        await town.doors("first").courier.carry(carry(posted))
    assert await town.waiting() == []


async def test_who_passes_nothing_on_still_takes_what_is_for_itself(town: Town) -> None:
    for node in town.nodes.values():
        core = node.core
        core.config = replace(core.config, network=replace(core.config.network, courier=False))
    assert not (await town.hop("first")).record.passes
    posted, _ = await town.posted("second", "home")
    with pytest.raises(Denied):
        await town.doors("second").courier.carry(carry(posted))
    posted, last = await town.posted("home")
    carried = await town.doors("home").courier.carry(carry(posted))
    assert Reply.open(carried.reply, last.reply) == Reply()
    assert await town.waiting() == [MESSAGE]


@pytest.mark.parametrize(
    "address",
    ["/ip4/127.0.0.1/tcp/1", "/ip4/192.168.1.7/tcp/80", "/ip6/::1/tcp/1", "/ip6/fd00::1/tcp/1"],
)
async def test_nobody_is_taken_where_only_the_courier_is(town: Town, address: str) -> None:
    way = [await town.hop("second"), await town.hop("home", address)]
    posted, _ = _posted(way, town.alice.id, None)
    with pytest.raises(Denied):
        await town.doors("second").courier.carry(carry(posted))
    assert await town.waiting() == []


@pytest.mark.parametrize(
    ("site", "address", "goes"),
    [
        ("192.168.1.9", "/ip4/192.168.1.7/tcp/80", True),
        ("192.168.1.9", "/ip4/127.0.0.1/tcp/80", False),
        ("fd00:0000:0000:0000", "/ip6/fd00::1/tcp/1", True),
        ("2001:4860:0000:0000", "/ip6/fd00::1/tcp/1", False),
        ("", "/ip4/127.0.0.1/tcp/80", True),
    ],
)
async def test_a_neighbour_may_name_what_is_near(
    town: Town, site: str, address: str, goes: bool
) -> None:
    way = [await town.hop("second"), await town.hop("home", address)]
    posted, _ = _posted(way, town.alice.id, None)
    doors = town.doors("second", Caller(b"sender", local=not site, site=site))
    if goes:
        await doors.courier.carry(carry(posted))
    else:
        with pytest.raises(Denied):
            await doors.courier.carry(carry(posted))
    assert await town.waiting() == [MESSAGE] * goes


async def test_a_node_passes_nothing_on_to_itself(town: Town) -> None:
    hop = await town.hop("first")
    posted, _ = _posted([hop, hop, await town.hop("home")], town.alice.id, None)
    with pytest.raises(Denied):
        await town.doors("first").courier.carry(carry(posted))


async def test_a_ring_of_nodes_ends(town: Town) -> None:
    hop, other = await town.hop("first"), await town.hop("second")
    posted, _ = _posted([hop, other, hop], town.alice.id, None)
    carried = await town.doors("first").courier.carry(carry(posted))
    assert len(carried.reply) == c.REPLY  # taken at the first, where alice does not live
    assert await town.waiting() == []
    with pytest.raises(Malformed):
        _posted([hop, other, hop, other], town.alice.id, None)


async def test_without_work_nothing_is_opened(town: Town) -> None:
    posted, _ = await town.posted("home")
    with pytest.raises(Denied, match="too little"):
        await town.doors("home").courier.carry(carry(replace(posted, work=2**52 + 1)))
    with pytest.raises(Denied, match="too little"):
        await town.doors("second").courier.carry(carry(posted))


async def test_one_source_does_not_take_the_place_of_others(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "OF_SOURCE", 2)
    doors = town.doors("home")
    for number in range(3):
        posted, _ = await town.posted("home", message=bytes([number]) * i.SEALED)
        if number < 2:
            await doors.courier.carry(carry(posted))
            continue
        with pytest.raises(TooMany):
            await doors.courier.carry(carry(posted))
        other = town.doors("home", Caller(b"other", local=False, site="198.51.100.7"))
        await other.courier.carry(carry(posted))
    town.clock.now += flow.MINUTE
    posted, _ = await town.posted("home", message=b"later".ljust(i.SEALED))
    await doors.courier.carry(carry(posted))
    assert len(await town.waiting()) == 4


async def test_nobody_is_flooded_by_way_of_a_courier(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "FOR_NEXT", 1)
    for site in ("203.0.113.1", "203.0.113.2"):
        posted, _ = await town.posted("second", "home", message=site.encode().ljust(i.SEALED))
        doors = town.doors("second", Caller(b"sender", local=False, site=site))
        if site.endswith("1"):
            await doors.courier.carry(carry(posted))
            continue
        with pytest.raises(TooMany):
            await doors.courier.carry(carry(posted))
    assert len(await town.waiting()) == 1


async def test_keys_change_and_open_for_a_day(town: Town) -> None:
    early = await town.hop("home")
    posted, _ = _posted([early], town.alice.id, None)
    town.clock.now += FRESH
    later = await town.hop("home")
    assert later.record.key != early.record.key
    await town.doors("home").courier.carry(carry(posted))
    posted, _ = _posted([early], town.alice.id, None, b"2" * i.SEALED)
    town.clock.now += FRESH
    with pytest.raises(Stale):
        await town.doors("home").courier.carry(carry(posted))


async def test_whom_a_node_has_met_is_told_to_who_lives_there(town: Town) -> None:
    home = town.nodes["home"]
    home.carry(town.network, lambda: [town.home("first"), town.home("second")])
    with pytest.raises(Denied):
        await town.doors("home").courier.known(c.AskKnown())
    far = home.open(replace(OUTSIDE))
    await town.alice.arrive(far)
    for doors in (far, home.open()):
        known = await doors.courier.known(c.AskKnown())
        assert {each.peer for each in known.nodes} == {
            town.home("first").peer,
            town.home("second").peer,
        }
