"""Two homes; alice at one, bob and carol at the other, who both follow her."""

from tests.client.conftest import world
from tests.client.sharing.conftest import alice, bob, carol

__all__ = ["alice", "bob", "carol", "world"]
