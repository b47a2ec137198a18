"""Sharing between two daemons: given, seen, got, taken back."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemons.processes import Home, card_of, soon

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Home]]:
    """Alice and Bob follow each other; Alice has a folder."""
    folder: Path = tmp_path_factory.mktemp("sharing")
    alice, bob = Home(folder / "alice"), Home(folder / "bob")
    (folder / "photos").mkdir()
    (folder / "photos" / "a.jpg").write_text("a picture")
    with alice.daemon(), bob.daemon():
        alice.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        bob.run("signup", "bob", "--password-stdin", stdin=PASSWORD).ok()
        bob.run("follow", card_of(alice)).ok()
        assert soon(lambda: "bob" in alice.run("requests").ok().out)
        alice.run("accept", "bob", "--back").ok()
        assert soon(lambda: "you follow each other" in bob.run("contacts").ok().out)
        alice.run("put", str(folder / "photos")).ok()
        yield alice, bob


def test_a_share_is_seen_got_and_taken_back(people: tuple[Home, Home], tmp_path: Path) -> None:
    alice, bob = people
    said = alice.run("share", "photos", "bob", "--as", "summer").ok().out
    assert said == "bob can read /alice/photos now, as 'summer'.\n"
    assert soon(lambda: "alice changed what they share" in bob.run("status").ok().out)
    assert bob.run("ls", "/").ok().out == "bob/\nalice/\n"
    assert bob.run("ls", "/alice/summer").ok().out == "a.jpg\n"
    assert bob.run("shared", "--with-me").ok().out == "/alice/summer/  from alice\n"
    assert "to bob, as 'summer'" in alice.run("shared").ok().out
    bob.run("get", "/alice/summer", str(tmp_path / "got")).ok()
    assert (tmp_path / "got" / "a.jpg").read_text() == "a picture"
    assert bob.run("rm", "/alice/summer/a.jpg").code == 14
    assert "cannot read" in alice.run("unshare", "photos", "bob").ok().out
    assert bob.run("cat", "/alice/summer/a.jpg").code in (9, 14)
    assert bob.run("shared").ok().out == ""
    assert alice.run("cat", "photos/a.jpg").ok().out == "a picture"


def test_taken_back_and_sealed_anew(people: tuple[Home, Home]) -> None:
    alice, bob = people
    alice.run("share", "photos", "bob", "--as", "deep").ok()
    said = alice.run("unshare", "photos", "bob", "--deep").ok().out
    assert "bob cannot read /alice/photos any more." in said
    assert "sealed anew" in said
    assert alice.run("unshare", "photos", "bob", "--write", "--deep").code == 2
    assert "sealed anew" in alice.run("reseal", "photos/a.jpg").ok().out
    assert alice.run("reseal", "nowhere").code == 9
    assert alice.run("cat", "photos/a.jpg").ok().out == "a picture"
    assert bob.run("cat", "/alice/deep/a.jpg").code in (9, 14)


def test_what_cannot_be_shared(people: tuple[Home, Home]) -> None:
    alice, _ = people
    assert alice.run("share", "nowhere", "bob").code == 9
    assert alice.run("share", "photos", "zoe").code == 9
    assert alice.run("share", "/bob/x", "bob").code == 14
    assert alice.run("unshare", "photos", "bob").code == 9


def test_circles(people: tuple[Home, Home]) -> None:
    alice, bob = people
    assert alice.run("circle", "list").ok().out == ""
    assert "'family'" in alice.run("circle", "new", "family").ok().out
    assert alice.run("circle", "new", "family").code == 10
    assert alice.run("circle", "add", "family", "bob").ok().out == "1 person is in 'family' now.\n"
    said = alice.run("share", "photos", "family").ok().out
    assert said == "everybody in 'family' can read /alice/photos now, as 'photos'.\n"
    assert bob.run("cat", "/alice/photos/a.jpg").ok().out == "a picture"
    assert "family" not in bob.run("ls", "/alice").ok().out
    (told, _) = alice.run("access", "photos/a.jpg", "--json").ok().events
    way = told["way"]
    assert isinstance(way, dict)
    assert (way["who"], way["circle"], way["path"]) == ("bob", "family", "/alice/photos")
    assert "to all in 'family'" in alice.run("shared", "--by-me").ok().out
    assert alice.run("circle", "list").ok().out.split() == ["family", "bob"]
    alice.run("circle", "remove", "family", "bob").ok()
    assert bob.run("cat", "/alice/photos/a.jpg").code in (9, 14)
    alice.run("unshare", "photos", "family").ok()
    alice.run("circle", "delete", "family").ok()
    assert alice.run("access", "photos").ok().out == ""


def test_who_is_this_really(people: tuple[Home, Home]) -> None:
    alice, bob = people
    mine = alice.run("verify", "bob", "--qr").ok().out.splitlines()
    his = bob.run("verify", "alice").ok().out.splitlines()
    assert mine[1:4] == his[1:4]
    assert len("".join(mine[1:4]).replace(" ", "")) == 60
    assert any("▀" in line for line in mine)
    assert "is verified" in alice.run("verify", "bob", "--confirm").ok().out
    assert "verified" in alice.run("contacts").ok().out
    assert "compared them on" in alice.run("verify", "bob").ok().out
    assert "verified" not in bob.run("contacts").ok().out
    alice.run("verify", "bob", "--undo").ok()
    assert "verified" not in alice.run("contacts").ok().out
    assert alice.run("verify", "zoe").code == 9


def test_a_profile(people: tuple[Home, Home], tmp_path: Path) -> None:
    alice, bob = people
    assert "no profile" in alice.run("profile", "show").ok().err
    said = alice.run("profile", "set", "name", "Alice of the hill").ok().out
    assert said == "Your name is seen by nobody but you.\n"
    picture = tmp_path / "me.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    alice.run("profile", "set", "picture", str(picture)).ok()
    assert "they let you see none" in bob.run("profile", "show", "alice").ok().err
    said = alice.run("profile", "share", "name", "all-contacts", "bob").ok().out
    assert said == "Your name is seen by all-contacts, bob.\n"
    assert bob.run("profile", "show", "alice").ok().out == "name     Alice of the hill\n"
    assert "(seen by all-contacts, bob)" in alice.run("profile", "show").ok().out
    alice.run("profile", "share", "name", "nobody").ok()
    assert bob.run("profile", "show", "alice").ok().out == ""
    assert alice.run("profile", "set", "age", "7").code == 2
    assert alice.run("profile", "set", "links", "javascript:x").code != 0


def test_a_public_field_is_shown_as_their_own_word(people: tuple[Home, Home]) -> None:
    alice, bob = people
    alice.run("profile", "set", "name", "Alice \u202eof the hill").ok()
    assert "says of themselves" not in bob.run("whois", "alice").ok().out
    said = alice.run("profile", "share", "name", "public").ok().out
    assert said == "Your name is seen by everybody who knows your handle.\n"
    assert "(seen by everybody who knows your handle)" in alice.run("profile", "show").ok().out
    lines = bob.run("whois", "alice").ok().out.splitlines()
    assert lines[-2:] == ["says of themselves:", "  name  Alice \u202eof the hill"]
    says = json.loads(bob.run("whois", "alice", "--json").ok().out.splitlines()[0])["person"][
        "says"
    ]
    assert says == {
        "name": "Alice \u202eof the hill", "text": None, "links": None, "picture": None,
    }  # fmt: skip
    assert "everybody who knows your handle" in alice.run("access", ".profile/name").ok().out
    assert "to everybody who knows your handle" in alice.run("shared", "--by-me").ok().out
    alice.run("profile", "share", "name", "nobody").ok()
    assert "says of themselves" not in bob.run("whois", "alice").ok().out
    assert "nobody but you" in alice.run("access", ".profile/name").ok().err


def test_get_goes_into_what_is_shared_for_writing(
    people: tuple[Home, Home], tmp_path: Path
) -> None:
    alice, bob = people
    files = {"outer/a.txt": "above", "outer/mid/trip/b.txt": "in it", "outer/mid/trip/x/c": "below"}
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "outer/mid/trip/large").write_bytes(bytes(range(256)) * 50_000)
    alice.run("put", str(tmp_path / "outer")).ok()
    alice.run("share", "outer/mid/trip", "bob", "--write").ok()
    for home, source, as_it_was in (
        (alice, "outer", "outer"),
        (alice, "/alice", "outer"),
        (alice, "outer/mid/trip", "outer/mid/trip"),
        (bob, "/alice/trip", "outer/mid/trip"),
        (bob, "/alice", "outer/mid"),
    ):
        got = tmp_path / f"got {home.path.name} {source.replace('/', '-')}"
        home.run("get", source, str(got)).ok()
        there = got / "outer" if (home, source) == (alice, "/alice") else got
        assert _contents(there) == _contents(tmp_path / as_it_was)
    assert "x/" in alice.run("ls", "-R", "outer").ok().out
    alice.run("rm", "outer/mid/trip/b.txt").ok()
    assert "/alice/outer/mid/trip has a trash of its own" in alice.run("trash").ok().err
    assert "/alice/trip/b.txt" in bob.run("trash", "--of", "/alice/trip").ok().out
    (line,) = alice.run("trash", "--of", "outer/mid/trip").ok().out.splitlines()
    alice.run("trash", "restore", line.split()[0], "--of", "outer/mid/trip").ok()
    assert bob.run("cat", "/alice/trip/b.txt").ok().out == "in it"
    assert alice.run("trash", "--of", "outer").code != 0
    refused = alice.run("rm", "-r", "outer")
    assert refused.code != 0
    assert "/alice/outer/mid/trip is a shared folder" in refused.err


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
