"""The node's room, and what it has done."""

import json

import trio.testing

from formats.cid import Block
from formats.errors import Denied
from node.build import Node
from node.gate import Doing
from protocols import blocks as b
from protocols import pointers as p
from tests.daemons.served import Local
from tests.node.people import Clock, Person


async def test_usage_adds_up(local: Local, node: Node, alice: Person) -> None:
    _, events = await local.get("/v1/node/usage")
    usage = events[0]["done"]
    assert (usage["accounts"], usage["used"]) == (1, (await node.admin.account("alice")).used)
    assert usage["promised"] == 100 * 2**30
    assert usage["free"] > 0
    assert usage["short"] is False


async def test_stats_count_answers_and_refusals(local: Local, node: Node, alice: Person) -> None:
    doors = node.open()
    for _ in range(2):
        try:
            await doors.pointers.resolve(p.Resolve(alice.id, alice.space.record.space, None))
        except Denied:
            continue
    _, events = await local.get("/v1/node/stats")
    stats = events[0]["done"]
    assert stats["answers"]["accounts.sign_up"] == 1
    assert stats["answers"]["pointers.resolve"] == 2
    assert stats["outcomes"]["Denied"] == 2
    assert stats["doing"] == "open"


async def test_figures_name_nobody(local: Local, node: Node, alice: Person) -> None:
    for path in ("usage", "stats"):
        _, events = await local.get(f"/v1/node/{path}")
        text = json.dumps(events)
        assert "alice" not in text
        assert alice.id.hex() not in text


async def test_a_drain_and_its_end(local: Local, node: Node) -> None:
    drained = (200, [{"done": {"doing": "closed", "whole": True}}])
    assert await local.post("/v1/node/drain", {}) == drained
    assert node.core.gate.doing is Doing.CLOSED
    _, events = await local.post("/v1/node/drain", {"stop": True})
    assert events[0]["done"]["doing"] == "open"
    assert (await local.post("/v1/node/drain", {"seconds": -1}))[0] == 400


async def test_what_nothing_holds_is_given_back_now(
    local: Local, node: Node, alice: Person, clock: Clock, autojump_clock: trio.testing.MockClock
) -> None:
    doors = node.open()
    await alice.arrive(doors)
    record = alice.space.record
    session = (await doors.blocks.open_session(b.OpenSession(record.owner, record.space))).session
    await doors.blocks.stage(b.Stage(session, (Block.raw(b"never committed"),)))
    clock.now += 8 * 24 * 3600 * 1000
    status, events = await local.post("/v1/node/gc", {})
    assert status == 200
    assert {"sessions", "garbage"} <= set(events[-1]["done"]["did"])
    # Not how much of it this call did: the node's own jobs have their turns too.
    assert (await node.admin.account("alice")).reserved == 0
