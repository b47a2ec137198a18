"""Alice at one home, and bob and carol at another, who follow her."""

from tests.client.sharing.conftest import alice, bob, carol, world

__all__ = ["alice", "bob", "carol", "world"]
