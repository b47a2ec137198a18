"""Where a data folder is, and sockets at the end of long paths."""

import socket
from pathlib import Path

import pytest

from formats.errors import BadConfig
from frontends.place import SOCKET_PATH_LIMIT, find_place, socket_address


@pytest.mark.parametrize(
    ("given", "environ", "home"),
    [
        ("/a", {"HOLDFAST_HOME": "/b"}, "/a"),
        (None, {"HOLDFAST_HOME": "/b"}, "/b"),
        (None, {"HOLDFAST_HOME": ""}, "/people/ada/.holdfast"),
        (None, {}, "/people/ada/.holdfast"),
        ("~/x", {}, "/people/ada/x"),
    ],
)
def test_the_nearest_word_wins(
    given: str | None, environ: dict[str, str], home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/people/ada")
    assert find_place(given, environ).home == home


def test_a_relative_folder_is_made_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_place("here", {}).socket == str(tmp_path / "here" / "socket")


def test_a_path_with_nul_is_refused() -> None:
    with pytest.raises(BadConfig):
        find_place("a\0b", {})


@pytest.mark.parametrize("beyond", [0, 1, 200])
def test_a_socket_is_reached_however_long_its_path_is(tmp_path: Path, beyond: int) -> None:
    folder = tmp_path
    length = SOCKET_PATH_LIMIT + beyond - len("/socket")
    while (short := length - len(str(folder)) - 1) > 0:
        folder = folder / ("d" * min(short, 100))
    folder.mkdir(parents=True)
    path = str(folder / "socket")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        with socket_address(path) as address:
            server.bind(address)
        server.listen()
        with socket_address(path) as address:
            client.connect(address)
    assert Path(path).is_socket()
