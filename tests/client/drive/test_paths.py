"""Paths as people type them."""

import pytest

from client.drive.paths import DrivePath, parse_path
from formats.errors import BadName, TooLarge, Unfit


@pytest.mark.parametrize(
    ("text", "shown", "folder"),
    [
        ("", "/alice", False),
        ("/", "/", False),
        ("a", "/alice/a", False),
        ("a/b/", "/alice/a/b", True),
        ("//bob///photos", "/bob/photos", False),
        ("/alice", "/alice", False),
        ("/alice/", "/alice", True),
        ("e\u0301", "/alice/\u00e9", False),
        ("with space\u202f", "/alice/with space\u202f", False),
    ],
)
def test_what_a_path_means(text: str, shown: str, folder: bool) -> None:
    path = parse_path(text, "alice")
    assert str(path) == shown
    assert path.must_be_folder == folder


@pytest.mark.parametrize(
    "text",
    [".", "..", "a/../b", "/alice/..", "a\0b", "a/\x1b[2J", "\udcff", "x" * 256, "a/" + "é" * 128],
)
def test_names_that_cannot_be(text: str) -> None:
    with pytest.raises(BadName):
        parse_path(text, "alice")


def test_paths_that_are_too_long() -> None:
    text = "a/" * 2047 + "bc"
    assert len(parse_path(text, "alice").parts) == 2048
    with pytest.raises(TooLarge):
        parse_path(text + "d", "alice")


def test_up_and_down() -> None:
    path = parse_path("/bob/a/b", "alice")
    assert (path.name, str(path.parent), str(path.child("c"))) == ("b", "/bob/a", "/bob/a/b/c")
    assert DrivePath(None).child("bob") == DrivePath("bob")
    for top in (DrivePath(None), DrivePath("bob")):
        with pytest.raises(Unfit):
            assert top.name
        with pytest.raises(Unfit):
            assert top.parent
