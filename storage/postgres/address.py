"""Where the records are: a URL without a password, and the password apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crypto.secret import Secret

SCHEMES: Final = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True)
class Address:
    """A database. ``url``: ``postgresql://user@host:port/database?options``, never a password."""

    url: str
    password: Secret | None = None

    def arguments(self) -> Mapping[str, str]:
        """What ``psycopg.connect`` is told beside the URL."""
        if self.password is None:
            return {}
        return {"password": self.password.reveal().decode("utf-8")}
