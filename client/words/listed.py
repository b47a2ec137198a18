"""The 7,776 words of the EFF's long list: familiar, 3 to 9 letters, none of them rude.

A word chosen by chance is worth 12.9 bits.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

COUNT: Final = 7776
"""6 to the power of 5: a word for five dice."""

_FILE: Final = Path(__file__).with_name("eff_large.txt")


@cache
def words() -> tuple[str, ...]:
    """All of them, sorted."""
    return tuple(_FILE.read_text("ascii").split())


@cache
def places() -> Mapping[str, int]:
    """The place of each in ``words()``."""
    return {word: place for place, word in enumerate(words())}


def typed(text: str) -> list[str]:
    """The words in what somebody typed: white space apart, in whatever case, numbered or not."""
    parts = text.casefold().replace(",", " ").split()
    return [part for part in parts if not part.rstrip(".").isdecimal()]
