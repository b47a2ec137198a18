"""The comparison of trees notices what it says it notices."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.stories.canaries import Canaries
from tests.stories.trees import differences, figures, make_file, make_tree


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("trees") / "tree"
    make_tree(root, Canaries(Random(1)), Random(1), ("json",))
    return root


@pytest.fixture
def copy(tree: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tree, tmp_path / "copy", symlinks=True))


def test_a_copy_is_alike(tree: Path, copy: Path) -> None:
    assert differences(tree, copy) == []
    assert figures(tree) == figures(copy)


def change_content(root: Path) -> None:
    path = root / "unusual/sizes/65537.bin"
    before, data = path.stat(), bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def link_instead(root: Path) -> None:
    path = root / "unusual/sizes/0.bin"
    path.unlink()
    path.symlink_to("1.bin")


def retarget(root: Path) -> None:
    path = root / "unusual/links/to nowhere"
    path.unlink()
    path.symlink_to("elsewhere")


CHANGES: dict[str, Callable[[Path], object]] = {
    "other content": change_content,
    "another kind": link_instead,
    "leads to": retarget,
    "modified": lambda root: os.utime(root / "unusual/sizes/1.bin", ns=(1, 1)),
    "executable bit": lambda root: (root / "unusual/bits/plain.txt").chmod(0o755),
    "missing": lambda root: (root / "unusual/empty folder").rmdir(),
    "not expected": lambda root: (root / "unusual/one more").touch(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_changed_is_noticed(tree: Path, copy: Path, what: str) -> None:
    CHANGES[what](copy)
    (difference,) = differences(tree, copy)
    assert what in difference


def test_a_decomposed_name_is_the_composed_one(tmp_path: Path) -> None:
    for name, folder in (("e\u0301", "one"), ("\u00e9", "other")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).touch()
        os.utime(tmp_path / folder / name, ns=(1, 1))
    assert differences(tmp_path / "one", tmp_path / "other") == []


@pytest.mark.parametrize("size", [0, 100, 3_000_000])
def test_a_file_has_its_size_and_its_canary(tmp_path: Path, size: int) -> None:
    canaries = Canaries(Random(2))
    make_file(tmp_path / "file", size, canaries, Random(2))
    (word,) = canaries.contents
    data = (tmp_path / "file").read_bytes()
    assert len(data) == max(size, len(word))
    assert data.count(word.encode()) == (9 if size > 300 else data.count(word.encode()))
    assert data.endswith(word.encode())
