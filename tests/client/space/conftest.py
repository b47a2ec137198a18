"""A person with a space at a real node in process, and engines over it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random

import pytest

from client.home import HomeLine
from client.keys import NodeKeys
from client.marks import Marks, MemoryMarks
from client.provers import HybridProver
from client.session import Owner
from client.space.cache import BlockCache
from client.space.committer import OwnSpace
from client.space.view import SpaceView
from crypto.secret import Secret
from formats.leaf import Leaf
from formats.statement import Role
from formats.whereabouts import Home
from node.build import Node, build
from node.config import Config
from protocols.services import Doors
from storage.memory import MemoryStore
from tests.node.people import NOW, Clock, Person, secret


class InProcess:
    """A network of one node. ``wrap`` puts something between."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.wrap: Callable[[Doors], Doors] = lambda doors: doors
        self.reached = 0

    async def reach(self, home: Home) -> Doors:
        """The node's doors, for whoever asks."""
        self.reached += 1
        return self.wrap(self.node.open())


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    config = Config(tmp_path, work_bits=4)
    async with build(config, store=MemoryStore(), clock=Clock(), key=secret("node")) as made:
        yield made


@pytest.fixture
async def alice(node: Node) -> Person:
    person = Person("alice")
    await person.sign_up(node.open())
    return person


@pytest.fixture
def network(node: Node) -> InProcess:
    return InProcess(node)


def device(person: Person, network: InProcess, marks: Marks | None = None) -> OwnSpace:
    """One device of a person: a line, a view and a committer of its own."""
    id, space = person.id, person.space.record.space
    line = HomeLine(
        network,
        [Home(network.node.peer_id, ("/ip4/127.0.0.1/tcp/1",))],
        HybridProver(Role.OWNER, id, person.daily),
        HybridProver(Role.MEMBER, id + space, person.member),
    )
    view = SpaceView(line, Owner(person.chain), marks or MemoryMarks(), BlockCache(), id, space)
    return OwnSpace(view, person.member, lambda: NOW, Random(1))


def keys(word: str) -> NodeKeys:
    """A node secret made of a word."""
    return NodeKeys(Secret(secret("node secret", word).reveal()))


def leaf(word: str, content: bytes) -> tuple[bytes, Leaf]:
    """A label and a leaf with that content where its sealed body would be."""
    made = keys(word)
    return made.label, Leaf(made.lock(made.label).public, None, content)
