"""How a setting is read from what TOML or the environment says: its value, or BadConfig."""

import ipaddress
import re
from collections.abc import Callable
from typing import Final

from formats.errors import BadConfig, BadName, Usage
from formats.handle import parse_handle

MAX_BYTES: Final = 2**53
MAX_LISTED: Final = 16

_UNITS: Final = {"": 1, "B": 1, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
_WRITTEN: Final = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_SIZE: Final = re.compile(r"\s*(\d{1,16})\s*([A-Za-z]*)\s*", re.ASCII)

Reader = Callable[[object], object]


def parse_size(value: object) -> int:
    """Bytes from a number or from text such as ``"100 GiB"``; raises BadConfig."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _within(value, 0, MAX_BYTES)
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[2].upper() not in _UNITS:
        raise BadConfig("not a size; write it like 500 MiB, 100 GiB or 2 TiB")
    return _within(int(found[1]) * _UNITS[found[2].upper()], 0, MAX_BYTES)


def size_between(least: int, most: int) -> Callable[[object], int]:
    """Bytes in that range, as ``parse_size`` reads them."""

    def read(value: object) -> int:
        size = parse_size(value)
        if not least <= size <= most:
            raise BadConfig(f"out of range: {_as_size(least)} to {_as_size(most)}")
        return size

    return read


def between(least: int, most: int) -> Callable[[object], int]:
    """A whole number in that range."""
    return lambda value: _within(value, least, most)


def one_of(words: tuple[str, ...]) -> Callable[[object], str]:
    """One of some words."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise BadConfig(f"not one of {', '.join(words)}")
        return value

    return read


def flag(value: object) -> bool:
    """Whether, as TOML says it or a variable does."""
    if value not in (True, False, "true", "false"):
        raise BadConfig("neither true nor false")
    return value in (True, "true")


def addresses(value: object) -> tuple[str, ...]:
    """IP addresses of this machine."""
    texts = _texts(value)
    for text in texts:
        try:
            ipaddress.ip_address(text)
        except ValueError:
            raise BadConfig(f"{text!r} is no IP address of this machine") from None
    return texts


def multiaddresses(value: object) -> tuple[str, ...]:
    """Where others may find the node."""
    texts = _texts(value)
    for text in texts:
        if not re.fullmatch(r"(/[\x21-\x2e\x30-\x7e]+)+", text) or len(text) > 256:
            raise BadConfig(f"{text!r} is no multiaddress, such as /dns4/example.org/tcp/4061")
    return texts


def handles(value: object) -> tuple[str, ...]:
    """People: a name could be somebody else's."""
    texts = _texts(value)
    for text in texts:
        try:
            parse_handle(text)
        except (Usage, BadName) as error:
            raise BadConfig(f"{text!r} is {error.message}") from None
    return texts


def _within(value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadConfig(f"not a whole number from {least} to {most}")
    if not least <= value <= most:
        raise BadConfig(f"out of range: {least} to {most}")
    return value


def _as_size(size: int) -> str:
    """In the largest unit of which it is a whole number."""
    unit, factor = max(
        ((unit, factor) for unit, factor in _WRITTEN.items() if size % factor == 0),
        key=lambda each: each[1],
    )
    return f"{size // factor} {unit}"


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadConfig("not a list of texts")
    if len(value) > MAX_LISTED:
        raise BadConfig(f"at most {MAX_LISTED} of them")
    return tuple(value)
