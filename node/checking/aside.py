"""Damaged bytes that were replaced, each kept as a file: ``HOME/node/aside/CID.HASH``.

Whoever runs the node may look at them, and remove them. Nothing else reads them.
"""

import os
from pathlib import Path

from crypto.hashing import sha256
from formats.cid import Cid
from node.folder import write_whole


class AsideFolder:
    """``node.checking.repair.Aside`` in a folder that is made when it is needed (0700)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, cid: Cid, data: bytes) -> None:
        """Keep them; raises DiskFull or StorageFailed."""
        file = self._path / f"{cid}.{sha256(data)[:8].hex()}"
        if not os.path.lexists(file):
            write_whole(file, data)

    def count(self) -> int:
        """How many there are."""
        return sum(1 for _ in self._path.iterdir()) if self._path.is_dir() else 0
