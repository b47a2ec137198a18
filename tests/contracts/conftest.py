"""The back ends on which every test of this folder runs, memory first: it is the reference."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from crypto.hashing import sha256
from storage.contracts import Store
from storage.embedded.store import EmbeddedStore
from storage.memory import MemoryStore
from storage.s3.opening import open_packs
from tests.world.s3 import ENVIRON, PATIENT, shared


async def _embedded(path: Path) -> Store:
    return await EmbeddedStore.open(path, readers=2)


async def _s3(path: Path) -> Store:
    settings = shared().settings(prefix=f"{sha256(str(path).encode()).hex()}/")
    packs = open_packs(settings, ENVIRON, path.with_name("cache"), 2**20, PATIENT)
    return await EmbeddedStore.open(path, packs=packs, readers=2)


async def _memory(_: Path) -> Store:
    return MemoryStore()


BACK_ENDS: dict[str, Callable[[Path], Awaitable[Store]]] = {
    "memory": _memory,
    "embedded": _embedded,
    "s3": _s3,
}


@pytest.fixture(params=list(BACK_ENDS))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store of each kind, closed afterwards."""
    made = await BACK_ENDS[request.param](tmp_path / "store")
    yield made
    await made.aclose()
