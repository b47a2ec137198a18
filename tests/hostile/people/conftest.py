"""Alice at one home, and bob and carol at another, who follow her."""

from tests.client.conftest import world
from tests.client.sharing.conftest import alice, bob, carol

__all__ = ["alice", "bob", "carol", "world"]
