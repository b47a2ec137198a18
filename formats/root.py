"""Root blocks: the two trees of a space at one commit.

    root block = {v, tree: CID, retired: CID, by?: sealed}     dag-cbor

``tree`` maps labels to leaves. ``retired`` maps the labels that were taken back
to markers (``formats.retired``); homes refuse those to everybody but members.
``by`` says which device made it, to whoever may open the whole space.
Both are roots of trees, possibly of the empty one.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from formats.cid import Block, Cid
from formats.dag_cbor import Value, decode, encode
from formats.envelope import present
from formats.errors import Malformed
from formats.fields import Fields

MAX_BY: Final = 256
"""Most bytes of what says who made it."""

_KEPT: Final = 64
"""Root blocks that stay read: every reading of a space begins with one."""

_WHAT: Final = "root block"


@dataclass(frozen=True, slots=True)
class Root:
    """The roots of both trees of a space. ``by``: sealed, who made it."""

    tree: Cid
    retired: Cid
    by: bytes | None = None

    @classmethod
    def decode(cls, data: bytes) -> "Root":
        """Read a root block; raises Malformed or UnknownVersion."""
        return _read(data)

    @property
    def block(self) -> Block:
        """The block it is stored as."""
        said: dict[str, Value] = {"v": 1, "tree": self.tree, "retired": self.retired, "by": self.by}
        return Block.cbor(encode(present(said)))


@lru_cache(maxsize=_KEPT)
def _read(data: bytes) -> Root:
    fields = Fields(decode(data, max_depth=1), _WHAT)
    fields.version()
    by = fields.optional_bytes("by", minimum=1, maximum=MAX_BY)
    root = Root(tree=fields.cid("tree"), retired=fields.cid("retired"), by=by)
    fields.done()
    if root.tree.is_raw or root.retired.is_raw:
        raise Malformed(f"{_WHAT}: a tree is no raw block")
    return root
