"""Where the records are: a URL without a password, and the password apart.

No psycopg here: settings are read also where it is not installed.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from crypto.secret import Secret
from formats.errors import BadConfig

_SCHEMES: Final = ("postgresql", "postgres")
_PORT: Final = 5432
_OTHERS: Final = 0o077
_SECRETS: Final = ("password", "passfile", "sslpassword")
"""What a URL of ours must not say: people show their settings to others."""


@dataclass(frozen=True, slots=True)
class Address:
    """A database. ``url``: ``postgresql://user@host:port/database?options``.

    ``password`` None: libpq looks where it always does, PGPASSWORD and ~/.pgpass.
    """

    url: str
    password: Secret | None = None

    def arguments(self) -> Mapping[str, str]:
        """What ``psycopg.connect`` is told beside the URL."""
        if self.password is None:
            return {}
        return {"password": self.password.reveal().decode("utf-8")}


def check_url(url: str) -> None:
    """Return if it is the address of a database, with no password in it; raises BadConfig."""
    try:
        parts = urlsplit(url)
        named = parts.scheme in _SCHEMES and len(parts.path) > 1 and parts.port != 0
        options = parse_qs(parts.query, keep_blank_values=True)
    except ValueError:
        named, options, parts = False, {}, urlsplit("")
    if parts.password is not None or any(each in options for each in _SECRETS):
        raise BadConfig(
            "a password does not belong there: it is in the file that postgres_password names, or"
            " in the variable PGPASSWORD"
        )
    if not named or not url.isprintable() or parts.fragment:
        raise BadConfig("not the address of a database, such as postgresql://user@host/database")


def place_of(url: str) -> tuple[str, ...]:
    """Host, port and database of a URL: what tells databases apart."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or "localhost"])[0]
    return (f"{host}:{parts.port or _PORT}", unquote(parts.path[1:]))


def read_password(file: Path) -> Secret:
    """The password in a file, without the end of its line; raises BadConfig."""
    try:
        with file.open("rb") as opened:
            if os.fstat(opened.fileno()).st_mode & _OTHERS:
                raise BadConfig(
                    f"others on this machine can read the database password in {file}",
                    hint=f"run 'chmod 600 {file}'",
                )
            password = opened.read(4096).rstrip(b"\r\n")
            password.decode("utf-8")
    except OSError as error:
        raise BadConfig(f"the database password: {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadConfig(f"the database password: {file} is not text") from None
    if not password:
        raise BadConfig(f"the database password: {file} is empty")
    return Secret(password)
