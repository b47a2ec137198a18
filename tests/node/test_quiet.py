"""What a node writes to its log, at the most talkative level, gives nobody away."""

import io

import pytest

from formats.errors import Denied, WrongPassword
from formats.invite import Invite
from formats.statement import Role
from node.build import Node
from node.logs import written
from protocols import accounts as a
from tests.node.people import (
    Person,
    item,
    label,
    leaf,
    lock_key,
    proof,
    prove,
    prove_reader,
    read,
    segment,
    signing_key,
)


async def test_a_day_of_a_node_in_its_log(node: Node) -> None:
    log = io.StringIO()
    with written("debug", log):
        people = await a_day(node)
    said = log.getvalue()
    assert "method=sign_up outcome=ok" in said
    assert "method=move outcome=ok" in said
    for person in people:
        assert person.name not in said
        for secret in (person.id, person.space.record.space, person.label, node.peer_id):
            assert secret.hex()[:12] not in said
            assert repr(secret)[2:20] not in said


async def a_day(node: Node) -> list[Person]:
    alice, bob = Person("alice-canary"), Person("bob-canary")
    mine, theirs = node.open(), node.open(node.caller(b"bob's node", local=False))
    await alice.sign_up(mine)
    await bob.sign_up(theirs, Invite.parse(await node.admin.invite()).code)
    part = segment("x")
    photo = leaf(lock_key("x"), segments=[part])
    await alice.space.commit(mine, {label("x"): photo}, segments=[part])
    reader = await prove_reader(theirs, "bob")
    shown = proof(theirs, lock_key("x"), reader, alice.space, label("x"))
    await theirs.blocks.read(read(alice.space, item(label("x"), shown)))
    with pytest.raises(Denied):
        await theirs.blocks.read(read(alice.space, item(alice.label, shown)))
    with pytest.raises(WrongPassword):
        await prove(theirs, Role.SIGN_IN, alice.name.encode(), signing_key("wrong"))
    with pytest.raises(WrongPassword):
        await theirs.accounts.sign_in(a.SignIn(alice.name))
    return [alice, bob]
