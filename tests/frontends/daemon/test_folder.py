"""The data folder made ready, and held by one daemon only."""

import os
import stat
from pathlib import Path

import pytest

from formats.errors import AlreadyRunning, BadConfig, StorageFailed
from frontends.daemon.folder import held, prepare
from frontends.place import Place


def mode(path: str | Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_new_folder_is_its_owners_alone(tmp_path: Path) -> None:
    place = Place(str(tmp_path / "a" / "b"))
    prepare(place)
    assert mode(place.home) == 0o700


def test_an_empty_folder_is_closed_to_others(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    prepare(Place(str(tmp_path)))
    assert mode(tmp_path) == 0o700


def test_a_folder_of_ours_that_was_opened_is_closed_again(tmp_path: Path) -> None:
    place = Place(str(tmp_path))
    with held(place):
        pass
    tmp_path.chmod(0o755)
    prepare(place)
    assert mode(tmp_path) == 0o700


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(BadConfig):
        prepare(Place(str(tmp_path)))
    assert mode(tmp_path) == 0o755


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageFailed, match="file"):
        prepare(Place(str(tmp_path / "file" / "home")))


def test_only_one_holds_it(tmp_path: Path) -> None:
    place = Place(str(tmp_path))
    with held(place), pytest.raises(AlreadyRunning, match=str(os.getpid())), held(place):
        pass
    with held(place):
        pass
