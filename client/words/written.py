"""Some secret bytes as words, and back: what a person writes on paper, or types at another machine.

    number = bytes | first byte of their SHA-256, big endian
    words  = its digits to the base 7,776, most significant first, as many as the size needs

16 bytes are 11 words, 32 are 21. A word that is wrong, lost or out of place is noticed,
but for one in some thousands; the checksum is against slips of the pen, not against people.
"""

from typing import Final

from client.words.listed import COUNT, places, typed, words
from crypto.hashing import sha256
from formats.errors import Usage

CHECK_SIZE: Final = 1


def word_count(size: int) -> int:
    """How many words ``size`` bytes become."""
    count, room = 0, 1
    while room < 256 ** (size + CHECK_SIZE):
        count, room = count + 1, room * COUNT
    return count


def to_words(data: bytes) -> str:
    """The words, with spaces between."""
    number = int.from_bytes(data + sha256(data)[:CHECK_SIZE], "big")
    digits = []
    for _ in range(word_count(len(data))):
        number, digit = divmod(number, COUNT)
        digits.append(words()[digit])
    return " ".join(reversed(digits))


def from_words(text: str, size: int) -> bytes:
    """The ``size`` bytes that were written so; raises Usage, which says what does not fit."""
    given, wanted = typed(text), word_count(size)
    unknown = [word for word in given if word not in places()]
    if unknown:
        raise Usage(f"not a word of the list: {unknown[0][:20]}", hint=_LOOK)
    if len(given) != wanted:
        raise Usage(f"those are {len(given)} words; there are {wanted}", hint=_LOOK)
    number = 0
    for word in given:
        number = number * COUNT + places()[word]
    try:
        whole = number.to_bytes(size + CHECK_SIZE, "big")
    except OverflowError:
        raise _slip() from None
    data, check = whole[:size], whole[size:]
    if sha256(data)[:CHECK_SIZE] != check:
        raise _slip()
    return data


_LOOK: Final = "compare with what you wrote down, word by word"


def _slip() -> Usage:
    return Usage("one of the words is wrong, or two have changed places", hint=_LOOK)
