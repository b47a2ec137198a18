"""Two homes, and people at them."""

import pytest

from client.session import Session
from tests.client.people import Town


@pytest.fixture
async def alice(world: Town) -> Session:
    return await world.sign_up("alice", "one")


@pytest.fixture
async def bob(world: Town) -> Session:
    return await world.sign_up("bob", "two")
