"""Ways to damage a store in memory, and somewhere to mend it from."""

from collections.abc import Callable
from dataclasses import dataclass, field

from formats.cid import Cid
from storage.memory import MemoryStore

Harm = Callable[[MemoryStore, Cid], None]


def flip(store: MemoryStore, cid: Cid) -> None:
    """One bit of a block is another."""
    data = bytearray(store._tables.blocks[cid])
    data[len(data) // 2] ^= 1
    store._tables.blocks[cid] = bytes(data)


def lose(store: MemoryStore, cid: Cid) -> None:
    """Nothing is left of a block."""
    store._tables.blocks[cid] = b""


@dataclass
class Shelf:
    """``Source`` and ``Aside`` in memory."""

    blocks: dict[Cid, bytes] = field(default_factory=dict)
    kept: list[tuple[Cid, bytes]] = field(default_factory=list)
    asked: int = 0

    async def find(self, cid: Cid) -> bytes | None:
        """What is on the shelf under that name, whatever it is."""
        self.asked += 1
        return self.blocks.get(cid)

    def put(self, cid: Cid, data: bytes) -> None:
        """Keep damaged bytes."""
        self.kept.append((cid, data))
