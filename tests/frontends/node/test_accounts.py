"""What whoever runs a node asks of it, over its socket."""

import pytest

from formats.cid import Block
from formats.errors import QuotaExceeded
from formats.handle import handle
from node.build import Node
from protocols import blocks as b
from tests.daemons.served import Local
from tests.node.people import NOW, Person


async def test_accounts_of_an_empty_node(local: Local) -> None:
    assert await local.get("/v1/node/accounts") == (200, [{"done": {"accounts": []}}])


async def test_an_account_is_a_name_and_bytes(local: Local, alice: Person) -> None:
    status, events = await local.get("/v1/node/accounts")
    assert status == 200
    [account] = events[0]["done"]["accounts"]
    assert account.pop("used") > 0
    assert account == {
        "name": "alice",
        "handle": handle("alice", alice.id),
        "reserved": 0,
        "quota": 100 * 2**30,
        "created": NOW,
        "messages": 0,
        "message_bytes": 0,
    }


async def test_a_quota_is_shown_and_set(local: Local, alice: Person) -> None:
    status, events = await local.post("/v1/node/set-quota", {"name": "alice", "quota": 5 * 2**30})
    assert (status, events[0]["done"]["quota"]) == (200, 5 * 2**30)
    shown = await local.post("/v1/node/quota", {"name": "alice"})
    assert shown == (status, events)


async def test_a_quota_below_what_is_used_stops_adding_only(
    local: Local, node: Node, alice: Person
) -> None:
    await local.post("/v1/node/set-quota", {"name": "alice", "quota": 0})
    doors = node.open()
    await alice.arrive(doors)
    record = alice.space.record
    session = (await doors.blocks.open_session(b.OpenSession(record.owner, record.space))).session
    with pytest.raises(QuotaExceeded):
        await doors.blocks.stage(b.Stage(session, (Block.raw(bytes(1000)),)))


async def test_nobody_has_no_quota(local: Local) -> None:
    for path, more in (("/v1/node/quota", {}), ("/v1/node/set-quota", {"quota": 1})):
        status, events = await local.post(path, {"name": "nobody", **more})
        assert (status, events[0]["error"]["kind"]) == (404, "NotFound")


async def test_second_factors_are_reset(local: Local, node: Node, alice: Person) -> None:
    """Here of who has none: what is done to those who have is in tests/node/services."""
    status, events = await local.post("/v1/node/reset-factors", {"name": "alice"})
    assert (status, events[0]["error"]["kind"]) == (409, "Unfit")
    status, events = await local.post("/v1/node/reset-factors", {"name": "nobody"})
    assert (status, events[0]["error"]["kind"]) == (404, "NotFound")
