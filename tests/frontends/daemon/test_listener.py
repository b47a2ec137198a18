"""The Unix socket."""

import os
import socket
import stat
from pathlib import Path

import pytest

from formats.errors import StorageFailed
from frontends.daemon.listener import listening
from frontends.place import Place


def connect(place: Place) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(place.socket)


async def test_only_its_owner_may_open_it_and_it_goes_when_the_daemon_does(tmp_path: Path) -> None:
    place = Place(str(tmp_path))
    with listening(place):
        assert stat.S_IMODE(os.stat(place.socket).st_mode) == 0o600
        connect(place)
    assert os.listdir(place.home) == []


async def test_what_a_killed_daemon_left_is_replaced(tmp_path: Path) -> None:
    place = Place(str(tmp_path))
    for left in (place.socket, place.socket + ".new"):
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(left)
    with listening(place):
        connect(place)
    assert os.listdir(place.home) == []


async def test_what_cannot_be_replaced_is_said(tmp_path: Path) -> None:
    place = Place(str(tmp_path))
    os.makedirs(os.path.join(place.socket, "what"))
    with pytest.raises(StorageFailed, match="socket"), listening(place):
        pass


async def test_a_very_long_path_will_do(tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 100) / ("b" * 100)
    folder.mkdir(parents=True)
    with listening(Place(str(folder))):
        assert (folder / "socket").is_socket()
