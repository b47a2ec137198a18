"""Content types: bytes before names, names where bytes only say which box it is."""

from pathlib import Path

import pytest

from client.drive.copying import cp
from client.drive.events import nobody
from client.drive.listing import ls, stat
from client.drive.types import HEAD, guess
from client.drive.upload import upload
from tests.client.drive.drives import new_drive

ZIP = b"PK\x03\x04" + bytes(40)
CASES = [
    ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(9), "image/png"),
    ("photo.txt", b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg"),
    ("letter.exe", b"%PDF-1.7\n%", "application/pdf"),
    ("report.DOCX", ZIP, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("things.zip", ZIP, "application/zip"),
    ("report.pdf", ZIP, "application/zip"),
    ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel"),
    ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
    ("a.wav", b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
    ("a", b"RIFF\x00\x00\x00\x00????", None),
    ("film.mp4", b"\x00\x00\x00\x20ftypisom", "video/mp4"),
    ("a.heic", b"\x00\x00\x00\x20ftypheic", "image/heic"),
    ("song.m4a", b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
    ("a.webm", b"\x1a\x45\xdf\xa3", "video/webm"),
    ("a.mkv", b"\x1a\x45\xdf\xa3", "video/x-matroska"),
    ("a.tar", bytes(257) + b"ustar\x00", "application/x-tar"),
    ("notes", b"hello", "text/plain"),
    ("notes.md", b"# Gr\xc3\xbc\xc3\x9fe", "text/markdown"),
    ("data.json", b"{}", "application/json"),
    ("a.png", b"{}", "text/plain"),
    ("picture.svg", b"<?xml version='1.0'?><svg/>", "image/svg+xml"),
    ("picture.svg", b"<svg onload='x'/>", "image/svg+xml"),
    ("page.html", b"<!doctype html>", "text/html"),
    ("empty.txt", b"", None),
    ("noise.txt", bytes(range(256)), None),
    ("latin.txt", "Grüße".encode("latin-1"), None),
    ("nul.txt", b"a\x00b", None),
    ("", b"hello", "text/plain"),
    (".json", b"{}", "application/json"),
]


@pytest.mark.parametrize(("name", "head", "kind"), CASES)
def test_what_it_is(name: str, head: bytes, kind: str | None) -> None:
    assert guess(name, head) == kind


def test_a_letter_that_is_cut_in_two_by_the_end_is_text_all_the_same() -> None:
    text = ("x" + "ü" * HEAD).encode()
    assert guess("a", text[:HEAD]) == "text/plain"
    assert guess("a", text[:100]) is None
    assert guess("a", b"\xc3" + text[1:HEAD]) is None


def test_it_never_fails_whatever_it_is_given() -> None:
    for first in range(256):
        for size in (1, 2, 5, 11, 300):
            kind = guess("a.b", bytes([first]) * size)
            assert kind is None or "/" in kind


async def test_it_is_noted_when_a_file_is_put_and_kept_when_it_is_copied(tmp_path: Path) -> None:
    drive, _ = await new_drive()
    (tmp_path / "small.md").write_text("# hello")
    (tmp_path / "large.bin").write_bytes(b"%PDF-1.7\n" + bytes(100_000))
    (tmp_path / "odd").write_bytes(bytes(range(256)))
    names = ("small.md", "large.bin", "odd")
    await upload(drive, [str(tmp_path / name) for name in names], "", nobody)
    assert [(await stat(drive, name)).type for name in names] == [
        "text/markdown",
        "application/pdf",
        None,
    ]
    await cp(drive, ["large.bin"], "copy.bin", False)
    assert (await stat(drive, "copy.bin")).type == "application/pdf"
    (tmp_path / "small.md").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(9))
    await upload(drive, [str(tmp_path / "small.md")], "", nobody)
    assert (await stat(drive, "small.md")).type == "image/png"
    listed = {each.name: each.type for each in (await ls(drive, "/alice")).entries}
    assert listed["small.md"] == "image/png"
