"""What is put and got: bytes that do not repeat within a chunk, and how they are compared."""

import os
from collections.abc import Iterator
from filecmp import cmp
from pathlib import Path
from random import Random
from typing import Final

SEED: Final = 20261123
_PERIOD: Final = 7 * 1024 * 1024 + 13
"""Bytes after which the large file repeats; no chunk begins where an earlier one did."""

SMALL: Final = 4096


def large_file(path: Path, size: int) -> Path:
    """A file of ``size`` bytes. Its repeats help nobody: nothing here deduplicates."""
    period = Random(SEED).randbytes(_PERIOD)
    with path.open("wb") as file:
        for start in range(0, size, _PERIOD):
            file.write(period[: size - start])
        file.flush()
        os.fsync(file.fileno())
    return path


def sparse_file(path: Path, size: int) -> Path:
    """A file with one byte in each 2 MiB: no room on the disk, and no chunk of it is a hole."""
    with path.open("wb") as file:
        file.truncate(size)
        for place in range(0, size, 2 * 1024 * 1024):
            file.seek(place)
            file.write(b"\1")
    return path


def small_files(folder: Path, count: int) -> Path:
    """A folder with ``count`` files of 4 KiB."""
    folder.mkdir()
    for name, content in small_contents(count):
        (folder / name).write_bytes(content)
    return folder


def small_contents(count: int) -> Iterator[tuple[str, bytes]]:
    """Their names and contents."""
    random = Random(SEED)
    for number in range(count):
        yield f"file-{number:05}.bin", random.randbytes(SMALL)


class Differs(Exception):
    """What came back is not what was given."""


def must_equal(one: object, other: object, what: str) -> None:
    """Raise Differs unless both are equal."""
    if one != other:
        raise Differs(f"{what}: what came back is not what was given")


def must_be_same_files(one: Path, other: Path) -> None:
    """Raise Differs unless both files, or all files of both folders, have the same bytes."""
    if one.is_dir():
        must_equal(sorted(os.listdir(one)), sorted(os.listdir(other)), str(other))
        for name in os.listdir(one):
            must_be_same_files(one / name, other / name)
    elif not cmp(one, other, shallow=False):
        raise Differs(f"{other} has other bytes than {one}")
