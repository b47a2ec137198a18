"""Two homes, and people at them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client.session import Session
from tests.client.people import Town, town


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, "one", "two") as made:
        yield made


@pytest.fixture
async def alice(world: Town) -> Session:
    return await world.sign_up("alice", "one")


@pytest.fixture
async def bob(world: Town) -> Session:
    return await world.sign_up("bob", "two")
