"""What the person who runs a node can set: ``HOME/config.toml``, then the environment.

    port = 4061                  # listen here and nowhere else (default: 4061, or a free one, kept)
    listen = ["0.0.0.0", "::"]   # addresses of this machine
    announce = ["/dns4/…"]       # told to others besides the ones found
    sign_up = "invite"           # or "open", "closed"
    default_quota = "100 GiB"    # of an account whose invite does not say
    retention = 600              # seconds for which a superseded state stays readable
    log_level = "info"           # or "debug", "warning", "error"
    work_bits = 16               # what an anonymous message costs its sender
    cache = "4 GiB"              # kept here, sealed, of what is read from other nodes

A variable ``HOLDFAST_PORT`` stands for ``port``, and so on; lists are separated
by commas. An unknown key or an impossible value is ``BadConfig``, which names it and
its line.
"""

import ipaddress
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from crypto.work import MAX_BITS
from formats.errors import BadConfig

DEFAULT_PORT: Final = 4061
MIN_RETENTION: Final = 60
MAX_RETENTION: Final = 10 * 365 * 24 * 3600
MAX_QUOTA: Final = 2**53
MAX_LISTED: Final = 16
MIN_CACHE: Final = 64 * 2**20
LOG_LEVELS: Final = ("debug", "info", "warning", "error")

_UNITS: Final = {"": 1, "B": 1, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
_SIZE: Final = re.compile(r"\s*(\d{1,16})\s*([A-Za-z]*)\s*", re.ASCII)

T = TypeVar("T")


class SignUps(StrEnum):
    """Who may make an account here. The very first one, on this machine, needs no invite."""

    INVITE = "invite"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one node. ``port`` None: the default port if it is free, else another, kept."""

    home: Path
    port: int | None = None
    listen: tuple[str, ...] = ("0.0.0.0",)
    announce: tuple[str, ...] = ()
    sign_up: SignUps = SignUps.INVITE
    default_quota: int = 100 * 2**30
    retention: int = 600
    log_level: str = "info"
    work_bits: int = 16
    cache: int = 4 * 2**30


def load(home: Path, environ: Mapping[str, str]) -> Config:
    """The configuration of the data folder ``home``; raises BadConfig."""
    config = Config(home)
    file = home / "config.toml"
    if file.exists():
        config = _from_text(config, _text(file), file.name)
    return _from_environment(config, environ)


def parse_size(value: object) -> int:
    """Bytes from a number or from text such as ``"100 GiB"``; raises BadConfig."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _within(value, 0, MAX_QUOTA)
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[2].upper() not in _UNITS:
        raise BadConfig("not a size; write it like 500 MiB, 100 GiB or 2 TiB")
    return _within(int(found[1]) * _UNITS[found[2].upper()], 0, MAX_QUOTA)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"{file.name} cannot be read: {error}") from None


def _from_text(config: Config, text: str, name: str) -> Config:
    try:
        values: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{name}: {error}") from None
    for key, value in values.items():
        config = _set(config, key, value, f"{name} line {_line(text, key)}: {key}")
    return config


def _from_environment(config: Config, environ: Mapping[str, str]) -> Config:
    for key in _READERS:
        variable = f"HOLDFAST_{key.upper()}"
        text = environ.get(variable)
        if text is not None:
            config = _set(config, key, _as_value(key, text), f"environment: {variable}")
    return config


def _set(config: Config, key: str, value: object, where: str) -> Config:
    reader = _READERS.get(key)
    if reader is None:
        raise BadConfig(f"{where}: no such setting; there are {', '.join(sorted(_READERS))}")
    try:
        changed: dict[str, object] = {key: reader(value)}
        return replace(config, **changed)  # type: ignore[arg-type]  # each reader gives its field's type
    except BadConfig as error:
        raise BadConfig(f"{where}: {error.message}") from None


def _line(text: str, key: str) -> int:
    """The line where a key (or a table of that name) is set; 1 when it is spelt in another way."""
    found = re.search(rf"^\s*\[*\s*[\"']?{re.escape(key)}\b", text, re.MULTILINE)
    return 1 if found is None else text.count("\n", 0, found.end()) + 1


def _as_value(key: str, text: str) -> object:
    """What a variable's text stands for: a list, a number, or text."""
    if key in ("listen", "announce"):
        return [part.strip() for part in text.split(",") if part.strip()]
    return int(text) if re.fullmatch(r"\d{1,16}", text, re.ASCII) else text


def _within(value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadConfig(f"not a whole number from {least} to {most}")
    if not least <= value <= most:
        raise BadConfig(f"out of range: {least} to {most}")
    return value


def _between(least: int, most: int) -> Callable[[object], int]:
    return lambda value: _within(value, least, most)


def _one_of(words: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise BadConfig(f"not one of {', '.join(words)}")
        return value

    return read


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadConfig("not a list of texts")
    if len(value) > MAX_LISTED:
        raise BadConfig(f"at most {MAX_LISTED} of them")
    return tuple(value)


def _cache(value: object) -> int:
    size = parse_size(value)
    if 0 < size < MIN_CACHE:
        raise BadConfig("0 for none, or at least 64 MiB")
    return size


def _addresses(value: object) -> tuple[str, ...]:
    texts = _texts(value)
    for text in texts:
        try:
            ipaddress.ip_address(text)
        except ValueError:
            raise BadConfig(f"{text!r} is no IP address of this machine") from None
    return texts


def _announced(value: object) -> tuple[str, ...]:
    texts = _texts(value)
    for text in texts:
        if not re.fullmatch(r"(/[\x21-\x2e\x30-\x7e]+)+", text) or len(text) > 256:
            raise BadConfig(f"{text!r} is no multiaddress, such as /dns4/example.org/tcp/4061")
    return texts


_READERS: Final[dict[str, Callable[[object], object]]] = {
    "port": _between(0, 65535),
    "listen": _addresses,
    "announce": _announced,
    "sign_up": lambda value: SignUps(_one_of(tuple(SignUps))(value)),
    "default_quota": parse_size,
    "retention": _between(MIN_RETENTION, MAX_RETENTION),
    "log_level": _one_of(LOG_LEVELS),
    "work_bits": _between(0, MAX_BITS),
    "cache": _cache,
}
"""How each setting is read from what TOML or the environment says."""
