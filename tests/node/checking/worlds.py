"""A home with a little of everything in it, to be damaged."""

from dataclasses import dataclass

from formats.cid import Block, Cid
from formats.drop import SEALED_MESSAGE
from formats.links import Role
from node.build import Node
from node.checking.pace import Pace
from node.checking.verify import Report, verify
from protocols import blocks as b
from storage.contracts import SpaceKey, Store, View
from storage.memory import MemoryStore
from storage.reachability import ROLES
from tests.node.people import Person, label, leaf, lock_key, segment

LEAVES = 40
"""Enough for a tree with nodes below its root."""


@dataclass
class World:
    """Alice's home: a tree of two levels, large and small leaves, retired labels, an old state."""

    node: Node
    alice: Person

    @property
    def key(self) -> SpaceKey:
        """Her root space."""
        record = self.alice.space.record
        return SpaceKey(record.owner, record.space)

    async def blocks(self) -> dict[Cid, Role]:
        """Every block her space refers to, and what it is."""

        def work(view: View) -> dict[Cid, Role]:
            return {each.cid: ROLES[each.kind] for each in view.references_of(self.key)}

        return await self.node.store.read(work)


def stored(*words: object) -> Block:
    """A segment of a file: small ones are in the index, large ones in packs."""
    return segment(*words, size=100_000 if words[-1] == 0 else 2000)


async def make_world(node: Node) -> World:
    """Fill a node."""
    alice = Person("alice")
    doors = node.open()
    await alice.sign_up(doors)
    put = {label(n): leaf(lock_key(n), n) for n in range(LEAVES)}
    pieces = [stored(n, part) for n in range(2) for part in range(3)]
    put[label("large")] = leaf(lock_key("large"), "large", segments=pieces[:3])
    put[label("copy")] = leaf(lock_key("copy"), "copy", segments=pieces[:2])
    put[label("other")] = leaf(lock_key("other"), "other", segments=pieces[3:])
    await alice.space.commit(doors, put, segments=pieces)
    gone = [label(n) for n in range(5)]
    await alice.space.commit(doors, dict.fromkeys(gone), retire=gone)
    await alice.space.commit(doors, {label("other"): None})
    session = await doors.blocks.open_session(b.OpenSession(alice.id, alice.space.record.space))
    await doors.blocks.stage(b.Stage(session.session, (stored("staged", 1),)))
    await node.store.write(lambda tx: tx.drop_message(alice.id, 1, bytes(SEALED_MESSAGE)))
    return World(node, alice)


async def check(store: Store, deep: bool = True) -> Report:
    """Verify at full speed."""
    return await verify(store, deep, Pace(share=1))


def tables(world: World) -> MemoryStore:
    """The store, to be damaged."""
    store = world.node.store
    assert isinstance(store, MemoryStore)
    return store
