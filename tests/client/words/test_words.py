"""Secrets as words: made by chance, and written down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.words.listed import COUNT, words
from client.words.passphrase import FEWEST, MOST, USUAL, passphrase
from client.words.written import from_words, to_words, word_count
from crypto.hashing import sha256
from formats.errors import Usage


def test_the_list_is_the_one_of_the_eff() -> None:
    assert len(set(words())) == COUNT == 6**5
    text = "".join(f"{word}\n" for word in words()).encode()
    assert sha256(text).hex() == "6d557f0693958fb5e650b68b5bee585eb82cf4da32965505c789e924743bc522"


@pytest.mark.parametrize("count", [FEWEST, USUAL, MOST])
def test_a_passphrase_has_so_many_words_of_the_list(count: int) -> None:
    made = passphrase(count).split(" ")
    assert len(made) == count
    assert set(made) <= set(words())
    assert passphrase(count) != passphrase(count)


@pytest.mark.parametrize("count", [FEWEST - 1, MOST + 1])
def test_too_few_or_too_many_words_are_refused(count: int) -> None:
    with pytest.raises(Usage, match=f"not {count}"):
        passphrase(count)


def test_every_word_can_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([0, COUNT - 1, 0, COUNT - 1])
    asked: list[int] = []

    def next_of(limit: int) -> int:
        asked.append(limit)
        return next(drawn)

    monkeypatch.setattr("client.words.passphrase.random_below", next_of)
    assert passphrase(4) == "abacus zoom abacus zoom"
    assert asked == [COUNT] * 4


@given(st.binary(min_size=16, max_size=16) | st.binary(min_size=32, max_size=32))
def test_what_was_written_is_read(data: bytes) -> None:
    text = to_words(data)
    assert len(text.split(" ")) == word_count(len(data)) == {16: 11, 32: 21}[len(data)]
    assert from_words(text, len(data)) == data
    noisy = "\n".join(f"{n}. {w.upper()}" for n, w in enumerate(text.split(" "), 1))
    assert from_words(noisy, len(data)) == data


def test_words_of_known_bytes() -> None:
    assert to_words(bytes(16)).split(" ")[:8] == ["abacus"] * 8
    known = "abacus abridge trustful silent coroner deceptive denial mangle overeager turret"
    assert to_words(bytes(range(16))) == f"{known} resurrect"


def test_a_slip_is_noticed() -> None:
    right = to_words(bytes(range(16))).split(" ")
    exchanged = [right[1], right[0], *right[2:]]
    wrong = [*right[:-1], "zoom"]
    for slip in (exchanged, wrong, ["zoom"] * 11):
        with pytest.raises(Usage, match="one of the words is wrong"):
            from_words(" ".join(slip), 16)
    with pytest.raises(Usage, match="those are 10 words; there are 11"):
        from_words(" ".join(right[:-1]), 16)
    with pytest.raises(Usage, match="not a word of the list: holdfast"):
        from_words(" ".join(["holdfast", *right[1:]]), 16)
