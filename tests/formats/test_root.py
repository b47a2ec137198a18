"""Root blocks."""

from formats.root import Root
from tests.records.people import root


def test_comes_back_as_it_went() -> None:
    made = Root(tree=root("tree"), retired=root("retired"))
    assert Root.decode(made.block.data) == made
    assert made.block.cid != Root(tree=made.retired, retired=made.tree).block.cid
