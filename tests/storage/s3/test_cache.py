"""Pieces kept on this disk: bounded, and never believed."""

from pathlib import Path

import pytest

from formats.errors import AlreadyRunning
from storage.s3.cache import Cache


def test_what_is_kept_is_read(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c", 1000)
    cache.keep((7, 0), b"0123456789")
    assert cache.read((7, 0), 2, 3) == b"234"
    assert cache.read((7, 0), 8, 9) == b"89"
    assert cache.read((7, 1), 0, 1) is None
    cache.close()


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c", 30)
    for number in range(3):
        cache.keep((1, number), bytes(10))
    assert cache.read((1, 0), 0, 1) == b"\0"
    cache.keep((1, 3), bytes(10))
    assert [cache.read((1, n), 0, 1) is not None for n in range(4)] == [True, False, True, True]
    cache.keep((2, 0), bytes(31))  # larger than all there may be
    assert cache.total == 30 == sum(each.stat().st_size for each in pieces(tmp_path / "c"))
    cache.close()


def test_a_next_run_finds_it_within_a_smaller_limit(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c", 100)
    for number in range(5):
        cache.keep((1, number), bytes(10))
    cache.close()
    (tmp_path / "c" / "1-9.0f0f").write_bytes(b"left by a kill")
    again = Cache(tmp_path / "c", 25)
    assert again.total == 20
    assert len(pieces(tmp_path / "c")) == 2
    again.close()


def test_what_is_taken_from_under_it_is_not_there(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c", 100)
    cache.keep((1, 0), bytes(10))
    for each in pieces(tmp_path / "c"):
        each.unlink()
    assert cache.read((1, 0), 0, 5) is None
    assert cache.total == 0
    cache.close()


def test_a_pack_is_forgotten_whole(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c", 100)
    for pack in (1, 2):
        for number in range(3):
            cache.keep((pack, number), bytes(5))
    cache.forget(1)
    assert cache.total == 15
    assert cache.read((2, 2), 0, 5) == bytes(5)
    assert len(pieces(tmp_path / "c")) == 3
    cache.close()


def test_a_folder_that_cannot_be_written_only_keeps_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c", 100)
    for each in (tmp_path / "c").iterdir():
        each.unlink()
    (tmp_path / "c").rmdir()
    cache.keep((1, 0), bytes(10))
    assert cache.read((1, 0), 0, 1) is None
    assert cache.total == 0
    cache.close()


def test_it_is_one_process_s_alone(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c", 100)
    with pytest.raises(AlreadyRunning):
        Cache(tmp_path / "c", 100)
    cache.close()
    Cache(tmp_path / "c", 100).close()


def pieces(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.name != "lock"]
