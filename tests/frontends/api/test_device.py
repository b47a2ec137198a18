"""What a data folder's device is called: what was set, else the machine's host name."""

import os
import stat
from pathlib import Path

import pytest

from client.device import clean_device
from formats.errors import BadName, StorageFailed
from frontends.api.device import device_name, set_device_name
from frontends.place import Place


def test_it_is_the_machine_s_name_until_it_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "box.example.org")
    place = Place(str(tmp_path))
    assert device_name(place) == clean_device("box.example.org") == "box"
    assert set_device_name(place, " the blue laptop ") == "the blue laptop"
    assert device_name(place) == "the blue laptop"
    assert stat.S_IMODE(os.stat(place.device).st_mode) == 0o600
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".new")]


@pytest.mark.parametrize(("said", "kind"), [(b"a/b\n", BadName), (b"\xff", StorageFailed)])
def test_a_file_without_a_name_is_an_error_that_names_it(
    said: bytes, kind: type[Exception], tmp_path: Path
) -> None:
    place = Place(str(tmp_path))
    Path(place.device).write_bytes(said)
    with pytest.raises(kind, match="device"):
        device_name(place)


def test_a_bad_name_changes_nothing(tmp_path: Path) -> None:
    place = Place(str(tmp_path))
    set_device_name(place, "laptop")
    with pytest.raises(BadName):
        set_device_name(place, "a/b")
    assert device_name(place) == "laptop"
