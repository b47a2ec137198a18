"""What a machine may be called, and what is made of host names."""

import pytest

from client.device import MAX_DEVICE, UNNAMED, check_device, clean_device
from formats.errors import BadName


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("laptop", "laptop"),
        (" the blue laptop\n", "the blue laptop"),
        ("büro", "büro"),  # a name is kept in its normal form
        ("é" * (MAX_DEVICE // 2), "é" * (MAX_DEVICE // 2)),
    ],
)
def test_a_device_is_called_what_a_person_says(said: str, kept: str) -> None:
    assert check_device(said) == kept


@pytest.mark.parametrize(
    "said", ["", "  ", "a/b", "two\nlines", "laptop (old)", ".", "..", "a" * (MAX_DEVICE + 1)]
)
def test_what_no_file_name_could_hold_is_refused(said: str) -> None:
    with pytest.raises(BadName) as raised:
        check_device(said)
    assert raised.value.advice


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("laptop", "laptop"),
        ("laptop.example.org", "laptop"),
        ("a/b(c)", "a-b-c"),
        ("", UNNAMED),
        (".local", UNNAMED),
        ("///", UNNAMED),
        ("\udc80box", "box"),
        ("é" * MAX_DEVICE, "é" * (MAX_DEVICE // 2)),
        ("x" * (MAX_DEVICE - 1) + "é", "x" * (MAX_DEVICE - 1)),
    ],
)
def test_any_host_name_makes_a_name(host: str, name: str) -> None:
    assert clean_device(host) == name
    assert check_device(name) == name
