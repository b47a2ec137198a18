"""The whole of a node in one go: sign up, commit, read, share, take back."""

import pytest

from formats.errors import Denied
from node.build import Node
from protocols import pointers as p
from tests.node.people import (
    Person,
    item,
    label,
    leaf,
    lock_key,
    proof,
    prove_reader,
    read,
    segment,
)


async def test_sign_up_commit_read_share_take_back(any_node: Node) -> None:
    node, alice = any_node, Person("alice")
    mine = node.open()
    signed_up = await alice.sign_up(mine)
    assert signed_up.usage.used > 0
    part = segment("photo")
    lock, place = lock_key("photo"), label("photo")
    photo = leaf(lock, "photo", segments=[part])
    answer = await alice.space.commit(mine, {place: photo}, segments=[part])
    assert isinstance(answer, p.Committed)
    assert answer.usage.used > len(part.data)
    assert answer.usage.reserved == 0

    found = await mine.blocks.read(read(alice.space, item(place, None, 0)))
    assert found.here == (True,)
    assert {photo.block.cid, part.cid} <= {each.cid for each in found.blocks}

    theirs = node.open(node.caller(b"bob's node", local=False))
    reader = await prove_reader(theirs, "bob")
    shown = proof(theirs, lock, reader, alice.space, place)
    found = await theirs.blocks.read(read(alice.space, item(place, shown, all=True)))
    assert found.here == (True,)
    assert alice.space.pointer is not None
    assert found.pointer == alice.space.pointer.encoded
    assert {photo.block.cid, part.cid} <= {each.cid for each in found.blocks}

    await alice.space.commit(mine, retire=[place])
    with pytest.raises(Denied):
        await theirs.blocks.read(read(alice.space, item(place, shown, all=True)))
    found = await mine.blocks.read(read(alice.space, item(place, None, 0)))
    assert found.here == (True,)
