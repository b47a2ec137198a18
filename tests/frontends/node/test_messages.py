"""What whoever runs a node tells those who live there."""

import pytest

from formats.invite import Invite
from node.build import Node
from node.notices import MOST
from protocols import accounts as a
from tests.daemons.served import Local
from tests.node.people import NOW, Person


async def told(node: Node, person: Person) -> list[str]:
    doors = node.open()
    await person.arrive(doors)
    account = await doors.accounts.account(a.AskAccount(person.id))
    return [notice.text for notice in account.notices]


async def send(local: Local, text: str, to: str = "") -> tuple[int, dict[str, object]]:
    status, events = await local.post("/v1/node/send", {"text": text, "to": to})
    return status, next(iter(events[0].values()))


async def test_everybody_or_one_is_told_newest_first(
    local: Local, node: Node, alice: Person
) -> None:
    bob = Person("bob")
    await bob.sign_up(node.open(), Invite.parse(await node.admin.invite()).code)
    await send(local, "  back by noon\n")
    status, said = await send(local, "more room, Grüße", "alice")
    assert (status, said) == (
        200,
        {"number": 2, "time": NOW, "to": "alice", "text": "more room, Grüße"},
    )
    assert await told(node, alice) == ["more room, Grüße", "back by noon"]
    assert await told(node, bob) == ["back by noon"]


async def test_what_was_removed_is_told_no_more(local: Local, node: Node, alice: Person) -> None:
    for text in ("one", "two"):
        await send(local, text)
    assert (await local.post("/v1/node/unsend", {"number": 1}))[0] == 200
    assert await told(node, alice) == ["two"]
    assert (await local.post("/v1/node/unsend", {"number": 1}))[0] == 404
    _, events = await local.get("/v1/node/messages")
    assert [each["number"] for each in events[0]["done"]["messages"]] == [2]


@pytest.mark.parametrize("text", ["", " \n", "a\nb", "\x1b[2J", "x" * 1001, "ü" * 501])
async def test_what_cannot_be_told(local: Local, text: str) -> None:
    status, said = await send(local, text)
    assert (status, said["kind"]) == (400, "Usage")


async def test_the_longest_is_told_whole(local: Local, node: Node, alice: Person) -> None:
    await send(local, "ü" * 500)
    assert await told(node, alice) == ["ü" * 500]


async def test_nobody_can_be_told_nothing(local: Local) -> None:
    assert (await send(local, "hello", "nobody"))[0] == 404


async def test_so_many_and_no_more_are_kept(local: Local, node: Node, alice: Person) -> None:
    for number in range(MOST):
        assert (await send(local, f"note {number}"))[0] == 200
    assert (await send(local, "one too many"))[0] == 429
    assert await told(node, alice) == [f"note {MOST - 1 - n}" for n in range(a.MAX_NOTICES)]
