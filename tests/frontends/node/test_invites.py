"""Invites, as whoever runs the node makes, lists and takes them back."""

import pytest

from formats.errors import BadInvite
from formats.invite import Invite
from node.build import Node
from node.jobs.expiry import forget_invites
from tests.daemons.served import Local
from tests.node.people import NOW, Clock, Person

DAY = 24 * 3600 * 1000


async def made(local: Local, **asked: int) -> dict[str, object]:
    status, events = await local.post("/v1/node/invite", asked)
    assert status == 200
    done: dict[str, object] = events[0]["done"]
    return done


async def listed(local: Local) -> list[dict[str, object]]:
    _, events = await local.get("/v1/node/invites")
    found: list[dict[str, object]] = events[0]["done"]["invites"]
    return found


async def test_it_is_listed_without_its_code(local: Local) -> None:
    invite = await made(local, quota=7, days=3)
    code = Invite.parse(str(invite["invite"])).code
    expected = {"created": NOW, "expires": NOW + 3 * DAY, "quota": 7, "used_by": ""}
    found = await listed(local)
    assert found == [{"id": invite["id"], **expected, "replica": False}]
    assert code.hex()[:8] != invite["id"]


async def test_who_used_it_is_told(local: Local, node: Node, alice: Person) -> None:
    invite = await made(local)
    await Person("bob").sign_up(node.open(), Invite.parse(str(invite["invite"])).code)
    assert [each["used_by"] for each in await listed(local)] == ["bob"]
    status, events = await local.post("/v1/node/revoke", {"invite": invite["id"]})
    assert (status, events[0]["error"]["kind"]) == (409, "Unfit")


@pytest.mark.parametrize("by", ["id", "invite"])
async def test_one_that_was_taken_back_makes_no_account(
    local: Local, node: Node, alice: Person, by: str
) -> None:
    invite, other = await made(local), await made(local)
    status, _ = await local.post("/v1/node/revoke", {"invite": invite[by]})
    assert status == 200
    assert [each["id"] for each in await listed(local)] == [other["id"]]
    with pytest.raises(BadInvite):
        await Person("bob").sign_up(node.open(), Invite.parse(str(invite["invite"])).code)


@pytest.mark.parametrize(
    ("which", "kind"), [("", "NotFound"), ("0" * 8, "NotFound"), ("x" * 20, "BadInvite")]
)
async def test_one_that_is_not_there_cannot_be_taken_back(
    local: Local, which: str, kind: str
) -> None:
    await made(local)
    _, events = await local.post("/v1/node/revoke", {"invite": which})
    assert events[0]["error"]["kind"] == kind


async def test_those_that_expired_long_ago_are_forgotten(
    local: Local, node: Node, clock: Clock
) -> None:
    await made(local, days=1)
    await made(local, days=40)
    clock.now += 32 * DAY
    await forget_invites(node.core)
    assert len(await listed(local)) == 1
