"""What the canary check would find, if it were there."""

import base64
import os
from pathlib import Path
from random import Random

import pytest

from tests.stories import search as searching
from tests.stories.canaries import Canaries, long_names
from tests.stories.search import Words, search


def found(words: list[bytes], data: bytes) -> set[bytes]:
    return {word for word, _ in Words(words).in_bytes(data)}


@pytest.mark.parametrize("before", [0, 1, 11, 12, 13, 5000])
@pytest.mark.parametrize("after", [0, 1, 5000])
def test_a_word_is_found_wherever_it_is(rng: Random, before: int, after: int) -> None:
    word = b"twelve-letters"
    data = rng.randbytes(before) + word + rng.randbytes(after)
    assert found([word, b"another-long-word"], data) == {word}


def test_words_that_overlap_and_words_within_text_are_found() -> None:
    words = [b"abcdefghijkl", b"cdefghijklmnop", b"abcdefghijklmnopq"]
    assert found(words, b"\0some text abcdefghijklmnop and more\0") == {*words[:2]}


def test_short_and_foreign_words_are_found_too() -> None:
    words = ["ö-with-twelve".encode(), b"short", "файл".encode()]
    assert found(words, b"\1" * 100 + words[0] + b"\1" + words[1] + words[2]) == {*words}


def test_random_bytes_hold_nothing(rng: Random) -> None:
    words = [bytes(rng.choices(range(97, 123), k=24)) for _ in range(5000)]
    assert found(words, rng.randbytes(4 * 1024 * 1024)) == set()


def test_a_word_across_two_pieces_of_a_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "PIECE", 64)
    word = b"this word is as long as that"
    for before in range(130):
        (tmp_path / "file").write_bytes(b"\0" * before + word)
        hit = search(Words([word]), [tmp_path]).hits[0]
        assert (hit.word, hit.at) == (word, before)


def test_names_of_files_are_searched_as_well(tmp_path: Path) -> None:
    (tmp_path / "a" / "planted-in-a-name").mkdir(parents=True)
    (tmp_path / "a" / "planted-in-a-name" / "x").touch()
    searched = search(Words([b"planted-in-a-name"]), [tmp_path])
    assert [hit.at for hit in searched.hits] == [-1]
    assert searched.files == 1


def test_a_canary_is_found_in_every_guise(rng: Random) -> None:
    canaries = Canaries(rng)
    word = canaries.content().encode()
    words = [*canaries.words()]
    for shift in range(7):
        assert found(words, base64.b64encode(bytes(range(shift)) + word + b"end"))
    assert found(words, b"\0" + word)
    assert found(words, word.hex().encode())
    for encoding in ("utf-16-le", "utf-16-be"):
        wide = b"\1" * 5 + word.decode().encode(encoding)
        assert {each for each, _ in Words(words).wide_in_bytes(wide)} == {word}


def test_long_names_are_canaries_composed_and_as_they_are(tmp_path: Path) -> None:
    tree = tmp_path / "a-tree-of-long-names"
    (tree / "folder").mkdir(parents=True)
    (tree / "folder" / "twelve bytes").touch()
    (tree / "decomposed-e\u0301-name").touch()
    os.mkdir(os.fsencode(tree) + b"/not-utf-8-\xff-at-all")
    assert long_names(tree) == {"a-tree-of-long-names", "twelve bytes", "decomposed-\u00e9-name"}
