"""An honest home with two people who trust it and not each other."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from formats.invite import Invite
from node.build import Node, build
from node.config import Config
from protocols.services import Doors
from storage.memory import MemoryStore
from tests.node.people import Clock, Person, secret


@dataclass
class Home:
    """Alice lives here, and so does Mallory, who has proven all of his own keys."""

    node: Node
    clock: Clock
    alice: Person
    mallory: Person
    hers: Doors
    his: Doors


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    clock = Clock()
    config = Config(tmp_path, work_bits=4)
    async with build(config, store=MemoryStore(), clock=clock, key=secret("home")) as node:
        alice, mallory = Person("alice"), Person("mallory")
        hers, his = node.open(), node.open(node.caller(b"mallory's node", local=False))
        await alice.sign_up(hers)
        await mallory.sign_up(his, Invite.parse(await node.admin.invite()).code)
        yield Home(node, clock, alice, mallory, hers, his)
