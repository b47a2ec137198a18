"""The reference back end: everything in dictionaries, nothing on a disk.

Durable it is not: ``MemoryStore.snapshot`` is what a test takes instead of a crash.

store.py         reading, writing, closing
view.py          what may be asked
transaction.py   what may be changed
journal.py       changes, and how all of them are taken back
tables.py        what is kept
"""

from storage.memory.store import MemoryStore

__all__ = ["MemoryStore"]
