"""Two homes, for whoever needs no others."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.client.people import Town, town


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, "one", "two") as made:
        yield made
