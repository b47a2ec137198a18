"""A headless daemon's socket in this process, with a node behind it, and people who live there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.build import Node, build
from node.config import Config
from storage.memory import MemoryStore
from tests.daemons.served import Local, served
from tests.node.people import Clock, Person, secret


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def node(tmp_path: Path, clock: Clock) -> AsyncIterator[Node]:
    config, key = Config(tmp_path, work_bits=4), secret("node")
    async with build(config, store=MemoryStore(), clock=clock, key=key) as made:
        yield made


@pytest.fixture
async def local(tmp_path: Path, node: Node) -> AsyncIterator[Local]:
    async with served(tmp_path / "home", headless=True) as made:
        made.state.node.come(node)
        made.state.listening.come(())
        yield made


@pytest.fixture
async def alice(node: Node) -> Person:
    person = Person("alice")
    await person.sign_up(node.open())
    return person
