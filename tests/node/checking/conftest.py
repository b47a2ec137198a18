"""Homes to be checked."""

from collections.abc import AsyncIterator

import pytest

from node.build import Node, build
from node.config import Config
from tests.node.checking.worlds import World, make_world
from tests.node.people import Clock


@pytest.fixture
async def world(node: Node) -> World:
    """A home on the reference store, which tests can damage from within."""
    return await make_world(node)


@pytest.fixture
async def any_world(any_node: Node) -> World:
    """A home on each store."""
    return await make_world(any_node)


@pytest.fixture
async def disk_world(config: Config, clock: Clock) -> AsyncIterator[World]:
    """A home on a disk."""
    async with build(config, clock=clock) as node:
        yield await make_world(node)
