"""Thumbnails from the command line, with a real daemon and what really draws."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.daemons.processes import Home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A daemon with alice signed in."""
    home = Home(tmp_path_factory.mktemp("thumbnail") / "home")
    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin="correct horse\n").ok()
        yield home


def test_one_is_made_by_put_and_written_where_it_is_wanted(home: Home, tmp_path: Path) -> None:
    local, out = tmp_path / "a.jpg", tmp_path / "a.webp"
    Image.effect_noise((900, 600), 50).save(local, "JPEG")
    home.run("put", str(local)).ok()
    home.run("thumbnail", "a.jpg", "-o", str(out)).ok()
    shown = Image.open(io.BytesIO(out.read_bytes()))
    assert (shown.format, shown.size) == ("WEBP", (400, 267))


def test_a_picture_that_cannot_be_drawn_is_stored_all_the_same(home: Home, tmp_path: Path) -> None:
    local, out = tmp_path / "bad.png", tmp_path / "none"
    local.write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    home.run("put", str(local)).ok()
    told = home.run("thumbnail", "bad.png", "-o", str(out))
    assert (told.code, out.exists()) == (9, False)
    assert "has no thumbnail" in told.err
    home.run("stat", "bad.png").ok()


def test_a_place_that_cannot_be_written_is_said(home: Home, tmp_path: Path) -> None:
    local = tmp_path / "b.png"
    Image.new("RGB", (10, 10)).save(local)
    home.run("put", str(local)).ok()
    told = home.run("thumbnail", "b.png", "-o", str(tmp_path / "nowhere" / "x"))
    assert told.code == 2
    assert "nowhere/x" in told.err
