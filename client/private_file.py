"""A small file of one's own machine: for its owner alone, written whole or not at all."""

import os
from pathlib import Path

from formats.errors import StorageFailed


def write_private(file: Path, data: bytes) -> None:
    """Write the file (0600), synced, in place of what is there; raises StorageFailed.

    What a crash leaves is called as the file, with ``.new`` behind.
    """
    draft = file.with_name(f"{file.name}.new")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, file)
    except OSError as error:
        raise StorageFailed(f"{file}: {error.strerror}") from None
