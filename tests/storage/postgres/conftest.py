"""A PostgreSQL for the tests of this folder, and a database for each of them."""

import pytest

from storage.postgres.address import Address
from tests.world.postgres import Cluster, shared_cluster


@pytest.fixture
def cluster() -> Cluster:
    """The cluster of this process. Who stops it starts it again."""
    return shared_cluster()


@pytest.fixture
def address(cluster: Cluster) -> Address:
    """A new, empty database."""
    return cluster.database()
