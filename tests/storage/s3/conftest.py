"""Prefixes that are nobody else's, on each server; and a proxy before one."""

from collections.abc import Iterator

import pytest

from crypto.secret import random_bytes
from storage.s3.bucket import Bucket
from storage.s3.client import Client
from storage.s3.line import Patience
from tests.world.s3 import KEYS, Server, shared
from tests.world.s3_faults import Proxy, proxied

QUICK = Patience(trying=20.0, connecting=5.0, silence=0.5, least_rate=256 * 1024)
"""Short silences, so that tests need not wait for them; as many tries as it takes."""


@pytest.fixture
def prefix() -> str:
    """What names of this test's objects begin with."""
    return f"tests/{random_bytes(8).hex()}/"


@pytest.fixture(params=["seaweedfs", "moto"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each server."""
    return shared(request.param)


@pytest.fixture
def bucket(server: Server, prefix: str) -> Iterator[Bucket]:
    """An empty place in each of them."""
    made = server.bucket(prefix)
    yield made
    made.close()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A proxy before moto: it answers fastest."""
    with proxied(shared("moto").port) as made:
        yield made


@pytest.fixture
def behind(proxy: Proxy, prefix: str) -> Iterator[Bucket]:
    """An empty place behind the proxy."""
    client = Client(proxy.settings(shared("moto").settings(prefix)), KEYS, QUICK)
    made = Bucket(client)
    yield made
    made.close()
