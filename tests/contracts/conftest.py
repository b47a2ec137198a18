"""The back ends on which every test of this folder runs, memory first: it is the reference."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import trio

from crypto.hashing import sha256
from storage.contracts import Store
from storage.embedded.files import Files
from storage.embedded.local import LocalPacks
from storage.embedded.store import EmbeddedStore
from storage.memory import MemoryStore
from storage.postgres.store import PostgresStore
from storage.s3.opening import open_packs
from tests.world.postgres import need_postgres, shared_cluster
from tests.world.s3 import ENVIRON, PATIENT, need_s3, shared


async def _embedded(path: Path) -> Store:
    return await EmbeddedStore.open(path, readers=2)


async def _s3(path: Path) -> Store:
    settings = shared().settings(prefix=f"{sha256(str(path).encode()).hex()}/")
    packs = open_packs(settings, ENVIRON, path.with_name("cache"), 2**20, PATIENT)
    return await EmbeddedStore.open(path, packs=packs, readers=2)


async def _memory(_: Path) -> Store:
    return MemoryStore()


async def _postgres(path: Path) -> Store:
    packs = LocalPacks(Files(), await trio.to_thread.run_sync(_made, path))
    return await PostgresStore.open(shared_cluster().emptied(), packs, readers=2)


def _made(path: Path) -> Path:
    path.mkdir()
    return path


BACK_ENDS: dict[str, Callable[[Path], Awaitable[Store]]] = {
    "memory": _memory,
    "embedded": _embedded,
    "s3": _s3,
    "postgres": _postgres,
}


NEEDED: dict[str, Callable[[], object]] = {"s3": need_s3, "postgres": need_postgres}
"""What leaves a test out, with the reason, where a back end's server is not installed."""


@pytest.fixture(params=list(BACK_ENDS))
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of back end that this machine can have."""
    if request.param in NEEDED:
        NEEDED[request.param]()
    return str(request.param)


@pytest.fixture
async def store(kind: str, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store of each kind, closed afterwards."""
    made = await BACK_ENDS[kind](tmp_path / "store")
    yield made
    await made.aclose()
