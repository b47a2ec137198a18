"""Sizes as people write them."""

from typing import Final

from formats.errors import Usage

UNITS: Final = ("", "k", "m", "g", "t")


def parse_size(text: str) -> int:
    """Bytes from ``500 MiB``, ``2GiB``, ``10k`` or a number; raises Usage."""
    number = text.rstrip("BbIiKMGTkmgt ")
    unit = text[len(number) :].strip().lower().removesuffix("b").removesuffix("i")
    if not number.isascii() or not number.isdecimal() or len(number) > 18 or unit not in UNITS:
        raise Usage(f"'{text}' is no size", hint="write it like 500MiB, 100GiB or 2TiB")
    return int(number) << (10 * UNITS.index(unit))
