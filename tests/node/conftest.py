"""A node in process, with a clock of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.build import Node, build
from node.config import Config
from storage.memory import MemoryStore
from tests.node.people import Clock, Person, secret


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path, work_bits=4)


@pytest.fixture
async def node(config: Config, clock: Clock) -> AsyncIterator[Node]:
    """A node on the reference store."""
    key = secret("node")
    async with build(config, store=MemoryStore(), clock=clock, key=key) as made:
        yield made


@pytest.fixture(params=["memory", "embedded"])
async def any_node(
    request: pytest.FixtureRequest, config: Config, clock: Clock
) -> AsyncIterator[Node]:
    """A node on each store."""
    store = MemoryStore() if request.param == "memory" else None
    async with build(config, store=store, clock=clock) as made:
        yield made


@pytest.fixture
async def alice(node: Node) -> Person:
    """Somebody with the first account of the node."""
    person = Person("alice")
    await person.sign_up(node.open())
    return person
