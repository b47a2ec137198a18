"""Passphrases made by chance: some words of the list, drawn by the system's randomness."""

from typing import Final

from client.words.listed import COUNT, words
from crypto.secret import random_below
from formats.errors import Usage

USUAL: Final = 6
"""Words: 77 bits, which nobody guesses, stretched as passwords are."""

FEWEST: Final = 4
MOST: Final = 24


def passphrase(count: int = USUAL) -> str:
    """``count`` words (4 to 24) with spaces between; raises Usage."""
    if not FEWEST <= count <= MOST:
        raise Usage(f"a passphrase has {FEWEST} to {MOST} words, not {count}")
    return " ".join(words()[random_below(COUNT)] for _ in range(count))
