"""What whoever runs a node asks of it, over its socket."""

from formats.handle import handle
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
    }
