"""What the person who runs a node can set: ``HOME/config.toml``, then the environment.

    port = 4061                  # listen here and nowhere else (default: 4061, or a free one, kept)
    listen = ["0.0.0.0", "::"]   # addresses of this machine; without a family, what it has
    announce = ["/dns4/…"]       # told to others besides the ones found
    sign_up = "invite"           # or "open", "closed"
    default_quota = "100 GiB"    # of an account whose invite does not say
    retention = 2592000          # seconds for which accounts may have superseded states kept
    quarantine = 86400           # seconds for which a block that nothing holds is kept all the same
    log_level = "info"           # or "debug", "warning", "error"
    work_bits = 16               # what an anonymous message costs its sender
    cache = "4 GiB"              # kept here, sealed, of what is read from other nodes
    metrics_port = 0             # health and metrics on loopback; 0: not at all
    web = true                   # the owner's page on loopback, of ``holdfast up``
    web_port = 4062              # its port (default: 4062, or a free one, kept); 0: any
    web_admins = ["alice~…"]     # whose page runs the node; without any, that of all who sign in
    muxer = "own"                # what cuts connections into streams; "libp2p": the slower original

    [limits]                     # what those who use it may cost: node/limits.py
    min_free = "512 MiB"

    [network]                    # finding people and nodes: node/network.py
    bootstrap = ["/ip4/…"]

    [store]                      # where the store is: node/storing/settings.py
    blocks = "files"

A variable ``HOLDFAST_PORT`` stands for ``port``, ``HOLDFAST_LIMITS_MIN_FREE`` for
``min_free`` of ``[limits]``, and so on; lists are separated by commas. An unknown key
or an impossible value is ``BadConfig``, which names it and its line.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from crypto.work import MAX_BITS
from formats.errors import BadConfig
from node import limits, network
from node.limits import Limits
from node.network import Network
from node.storing import settings as storing
from node.storing.settings import StoreSettings
from node.values import (
    Reader,
    addresses,
    between,
    flag,
    handles,
    multiaddresses,
    one_of,
    parse_size,
)

DEFAULT_PORT: Final = 4061
MIN_RETENTION: Final = 60
MAX_RETENTION: Final = 10 * 365 * 24 * 3600
MAX_QUARANTINE: Final = 365 * 24 * 3600
MIN_CACHE: Final = 64 * 2**20
MUXERS: Final = ("own", "libp2p")
LOG_LEVELS: Final = ("debug", "info", "warning", "error")

T = TypeVar("T", "Config", Limits, Network, StoreSettings)


class SignUps(StrEnum):
    """Who may make an account here. The very first one, on this machine, needs no invite."""

    INVITE = "invite"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one node.

    ``port``, ``web_port`` None: the default port if it is free, else another, kept.
    """

    home: Path
    port: int | None = None
    listen: tuple[str, ...] = ("0.0.0.0", "::")
    announce: tuple[str, ...] = ()
    sign_up: SignUps = SignUps.INVITE
    default_quota: int = 100 * 2**30
    retention: int = 30 * 24 * 3600
    quarantine: int = 24 * 3600
    log_level: str = "info"
    work_bits: int = 16
    cache: int = 4 * 2**30
    metrics_port: int = 0
    web: bool = True
    web_port: int | None = None
    web_admins: tuple[str, ...] = ()
    muxer: str = "own"
    limits: Limits = field(default_factory=Limits)
    network: Network = field(default_factory=Network)
    store: StoreSettings = field(default_factory=StoreSettings)

    def renewed(self, fresh: "Config") -> "Config":
        """These settings with what can change while a node runs taken from ``fresh``."""
        kept = {key: getattr(self, key) for key in FIXED}
        return replace(fresh, **kept)


FIXED: Final = (
    "home",
    "port",
    "listen",
    "announce",
    "metrics_port",
    "web",
    "web_port",
    "web_admins",
    "log_level",
    "muxer",
    "network",
    "store",
)
"""What a running node keeps until it is started again."""


def load(home: Path, environ: Mapping[str, str]) -> Config:
    """The configuration of the data folder ``home``; raises BadConfig."""
    config = Config(home)
    file = home / "config.toml"
    if file.exists():
        config = _from_text(config, _text(file), file.name)
    config = _from_environment(config, environ)
    config.store.check()
    return config


def settings(config: Config) -> Iterator[tuple[str, object]]:
    """Every setting by its name as in the file, ``limits.min_free``; None: not set."""
    for key in _READERS:
        yield key, getattr(config, key)
    for table, readers in _TABLES.items():
        for key in readers:
            yield f"{table}.{key}", getattr(getattr(config, table), key)


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
        where = f"{name} line {_line(text, key)}: {key}"
        if key == "limits":
            config = replace(config, limits=_table(config.limits, key, value, text, name))
        elif key == "network":
            config = replace(config, network=_table(config.network, key, value, text, name))
        elif key == "store":
            config = replace(config, store=_table(config.store, key, value, text, name))
        else:
            config = _set(config, _READERS, key, value, where)
    return config


def _table(table: T, title: str, value: object, text: str, name: str) -> T:
    if not isinstance(value, dict):
        raise BadConfig(f"{name} line {_line(text, title)}: {title}: not a table, [{title}]")
    for key, each in value.items():
        where = f"{name} line {_line(text, key, title)}: {title}.{key}"
        table = _set(table, _TABLES[title], key, each, where)
    return table


def _from_environment(config: Config, environ: Mapping[str, str]) -> Config:
    config = _overridden(config, _READERS, environ, "")
    limited = _overridden(config.limits, limits.READERS, environ, "limits_")
    networked = _overridden(config.network, network.READERS, environ, "network_")
    stored = _overridden(config.store, storing.READERS, environ, "store_")
    return replace(config, limits=limited, network=networked, store=stored)


def _overridden(into: T, readers: Mapping[str, Reader], environ: Mapping[str, str], pre: str) -> T:
    for key in readers:
        found = _variable(environ, pre + key)
        if found is not None:
            into = _set(into, readers, key, _as_value(key, found[1]), found[0])
    return into


def _variable(environ: Mapping[str, str], name: str) -> tuple[str, str] | None:
    variable = f"HOLDFAST_{name.upper()}"
    text = environ.get(variable)
    return None if text is None else (f"environment: {variable}", text)


def _set(into: T, readers: Mapping[str, Reader], key: str, value: object, where: str) -> T:
    reader = readers.get(key)
    if reader is None:
        raise BadConfig(f"{where}: no such setting; {_known(key, readers)}")
    try:
        changed: dict[str, object] = {key: reader(value)}
        return replace(into, **changed)  # type: ignore[arg-type]  # each reader gives its field's type
    except BadConfig as error:
        raise BadConfig(f"{where}: {error.message}") from None


def _known(key: str, readers: Mapping[str, Reader]) -> str:
    if readers is not _READERS and key in _READERS:
        title = next(title for title, own in _TABLES.items() if own is readers)
        return f"it stands above [{title}]"
    for title, others in _TABLES.items():
        if others is not readers and key in others:
            return f"it belongs below [{title}]"
    near = get_close_matches(key, readers, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(readers))}"


def _cache(size: int) -> int:
    if 0 < size < MIN_CACHE:
        raise BadConfig("0 for none, or at least 64 MiB")
    return size


def _line(text: str, key: str, table: str = "") -> int:
    """The line where a key (or a table of that name) is set; 1 when it is spelt in another way."""
    start = text.find(f"[{table}]") if table else 0
    dotted = rf"(?:{table}\s*\.\s*)?" if table else ""
    pattern = rf"^\s*\[*\s*{dotted}[\"']?{re.escape(key)}\b"
    found = re.compile(pattern, re.MULTILINE).search(text, max(0, start))
    return 1 if found is None else text.count("\n", 0, found.end()) + 1


def _as_value(key: str, text: str) -> object:
    """What a variable's text stands for: a list, a number, or text."""
    if key in ("listen", "announce", "bootstrap", "relays", "web_admins"):
        return [part.strip() for part in text.split(",") if part.strip()]
    if key in ("name", "key", "s3_bucket", "s3_prefix", "s3_region"):
        return text
    return int(text) if re.fullmatch(r"\d{1,16}", text, re.ASCII) else text


_READERS: Final[Mapping[str, Reader]] = {
    "port": between(0, 65535),
    "listen": addresses,
    "announce": multiaddresses,
    "sign_up": lambda value: SignUps(one_of(tuple(SignUps))(value)),
    "default_quota": parse_size,
    "retention": between(MIN_RETENTION, MAX_RETENTION),
    "quarantine": between(0, MAX_QUARANTINE),
    "log_level": one_of(LOG_LEVELS),
    "work_bits": between(0, MAX_BITS),
    "cache": lambda value: _cache(parse_size(value)),
    "metrics_port": between(0, 65535),
    "web": flag,
    "web_port": between(0, 65535),
    "web_admins": handles,
    "muxer": one_of(MUXERS),
}
"""How each setting is read from what TOML or the environment says."""

_TABLES: Final[Mapping[str, Mapping[str, Reader]]] = {
    "limits": limits.READERS,
    "network": network.READERS,
    "store": storing.READERS,
}
"""The settings below a title of their own."""
