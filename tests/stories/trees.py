"""Local folders to put into a drive, and what comes back compared with them."""

import filecmp
import os
import shutil
import stat
import sysconfig
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from tests.stories.canaries import Canaries

KIB: Final = 1024
MIB: Final = 1024 * KIB

SIZES: Final = (0, 1, 1023, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 256 * KIB, 256 * KIB + 1)
"""Sizes beside which something changes in how a file is kept."""
CHUNK_SIZES: Final = (5 * MIB - 1, 5 * MIB, 5 * MIB + 1)

NAMES: Final = (
    "ein hübscher Name.txt",
    "日本語のファイル名.txt",
    "имя файла.txt",
    "اسم الملف.txt",
    "🦀 🏠 👩‍👩‍👧.txt",
    "decomposed e\u0301 a\u0308.txt",
    " leading and trailing ",
    "-rf",
    "%41 * ? [x] {y} ~ $HOME `id` \\ ' \" ; & | < >",
    "CON",
    ".hidden",
    "UPPER lower",
    "upper LOWER",
    "x" * 255,
    "ä" * 127,
)
"""Names that are allowed and unusual. The decomposed one comes back composed."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is in a tree. ``bytes``: of all files."""

    files: int = 0
    folders: int = 0
    links: int = 0
    bytes: int = 0

    def __str__(self) -> str:
        return (
            f"{self.files:,} files, {self.folders:,} folders, "
            f"{self.links} links, {self.bytes / MIB:,.1f} MiB"
        )


def figures(root: Path) -> Figures:
    """Count a tree, its own top not among the folders."""
    files = folders = links = size = 0
    for path in root.rglob("*"):
        if path.is_symlink():
            links += 1
        elif path.is_dir():
            folders += 1
        else:
            files += 1
            size += path.lstat().st_size
    return Figures(files, folders, links, size)


def make_tree(
    root: Path, canaries: Canaries, random: Random, library: tuple[str, ...] = ()
) -> None:
    """A tree with a part of the Python library and everything unusual; see ``_plant``.

    ``library`` names folders of the library; empty: all of it but ``site-packages``.
    """
    source = Path(sysconfig.get_path("stdlib"))
    if library:
        for part in library:
            shutil.copytree(source / part, root / part, symlinks=True)
    else:
        ignore = shutil.ignore_patterns("site-packages")
        shutil.copytree(source, root, symlinks=True, ignore=ignore)
    _plant(root / "unusual", canaries, random, CHUNK_SIZES[-1:] if library else CHUNK_SIZES)


def make_file(path: Path, size: int, canaries: Canaries, random: Random) -> None:
    """A file of random bytes with a canary at its beginning, its end and around each 1/8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        left = size
        while left:
            out.write(random.randbytes(piece := min(left, MIB)))
            left -= piece
        word = canaries.content().encode()
        for part in range(9):
            out.seek(max(0, min(size - len(word), size * part // 8 - len(word) // 2)))
            out.write(word)
    _age(path, random)


def _plant(root: Path, canaries: Canaries, random: Random, large: tuple[int, ...]) -> None:
    """Unusual names, sizes, bits, links; canaries in names, contents, link targets."""
    root.mkdir()
    for name in NAMES:
        _write(root / "names" / name, f"content of a file {canaries.content()}".encode(), random)
    for size in (*SIZES, *large):
        content = random.randbytes(size)
        _write(root / "sizes" / f"{size}.bin", content, random)
    for number in range(40):
        path = root / "canaries" / f"{canaries.name()}.{number}"
        _write(path, random.randbytes(100 * number) + canaries.content().encode() * 3, random)
    deep = root.joinpath("deep", *(f"level-{level}" for level in range(30)))
    _write(deep / canaries.name() / "bottom.txt", b"down here", random)
    (root / "empty folder").mkdir()
    (root / "empty folders" / canaries.name() / "inside").mkdir(parents=True)
    _executable(root / "bits", random)
    _links(root / "links", canaries)


def _executable(folder: Path, random: Random) -> None:
    for name, mode in (("run.sh", 0o755), ("plain.txt", 0o644), ("mine alone", 0o700)):
        _write(folder / name, b"#!/bin/sh\necho hello\n", random)
        (folder / name).chmod(mode)


def _links(folder: Path, canaries: Canaries) -> None:
    folder.mkdir()
    (folder / "to a file").symlink_to("../bits/run.sh")
    (folder / "to a folder").symlink_to("../names")
    (folder / "to nowhere").symlink_to(f"nowhere/{canaries.name()}")
    (folder / "to itself").symlink_to("to itself")
    (folder / "absolute").symlink_to("/etc/hostname")


def _write(path: Path, content: bytes, random: Random) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    _age(path, random)


def _age(path: Path, random: Random) -> None:
    """A modification time of some day since 1990, with nanoseconds."""
    moment = random.randrange(631_152_000 * 10**9, 1_790_000_000 * 10**9)
    os.utime(path, ns=(moment, moment))


def differences(expected: Path, got: Path) -> list[str]:
    """What is different in two trees or files: names, kinds, bytes, times, bits, targets.

    Folders' times are not compared. Names are compared composed (NFC).
    """
    there, here = _paths(expected), _paths(got)
    there[""], here[""] = expected, got
    found = [f"{name}: missing" for name in sorted(there.keys() - here.keys())]
    found += [f"{name}: not expected" for name in sorted(here.keys() - there.keys())]
    for name in sorted(there.keys() & here.keys()):
        found += (f"{name}: {what}" for what in _differ(there[name], here[name]))
    return found


def _paths(root: Path) -> dict[str, Path]:
    return {
        unicodedata.normalize("NFC", str(path.relative_to(root))): path for path in root.rglob("*")
    }


def _differ(one: Path, other: Path) -> Iterator[str]:
    before, after = one.lstat(), other.lstat()
    if stat.S_IFMT(before.st_mode) != stat.S_IFMT(after.st_mode):
        yield "another kind of thing"
    elif one.is_symlink():
        if one.readlink() != other.readlink():
            yield f"leads to {other.readlink()}, not to {one.readlink()}"
    elif one.is_file():
        if not filecmp.cmp(one, other, shallow=False):
            yield "other content"
        if before.st_mtime_ns != after.st_mtime_ns:
            yield f"modified {after.st_mtime_ns}, not {before.st_mtime_ns}"
        if bool(before.st_mode & 0o100) != bool(after.st_mode & 0o100):
            yield "the executable bit is wrong"
