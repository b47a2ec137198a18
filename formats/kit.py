"""The text on a recovery kit: whose it is and where to look, with the secret code or without.

    text  = "holdfast-kit1:" ... (formats.paper)
    value = {v, id, head, name, homes, space?, code?}

``head`` is the hash of any identity record: a node answers to who names one. With ``code`` the text
is the whole kit, drawn as a QR code on the paper; without it, it opens nothing, and may be
kept anywhere. ``space`` is the root space, where friends keep the shares of a kit of its own: for
that one the whereabouts do not say it.
"""

import re
from dataclasses import dataclass
from typing import Final

from formats.dag_cbor import Value
from formats.envelope import present
from formats.errors import BadKit
from formats.fields import Fields
from formats.limits import ID
from formats.paper import read, write
from formats.whereabouts import Home, read_account_name, read_homes

KIT_CODE: Final = 20
"""Bytes of the secret code, which people write down as words."""

_KIND: Final = "kit"
_ANYWHERE: Final = re.compile(r"holdfast-kit[0-9]+:[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class KitText:
    """Whose kit, and which nodes had their data when it was made. ``code`` is secret."""

    id: bytes
    head: bytes
    name: str
    homes: tuple[Home, ...]
    code: bytes | None = None
    space: bytes | None = None

    @classmethod
    def parse(cls, text: str) -> "KitText":
        """Read a text; white space in it does not matter. Raises BadKit or UnknownVersion."""
        return read(_KIND, text, BadKit, cls._read)

    @classmethod
    def _read(cls, fields: Fields) -> "KitText":
        return cls(
            id=fields.bytes_("id", ID),
            head=fields.bytes_("head", ID),
            name=read_account_name(fields, "name"),
            homes=read_homes(fields, signed=False),
            code=fields.optional_bytes("code", KIT_CODE),
            space=fields.optional_bytes("space", ID),
        )

    @property
    def text(self) -> str:
        """As text: one line. Secret if there is a code in it."""
        homes: list[Value] = [home.value() for home in self.homes]
        value: dict[str, Value] = {
            "v": 1,
            "id": self.id,
            "head": self.head,
            "name": self.name,
            "homes": homes,
            "code": self.code,
            "space": self.space,
        }
        return write(_KIND, present(value))

    def __repr__(self) -> str:
        return f"<recovery kit of {self.name}>"  # never the code


def find_kit(text: str) -> str:
    """The text of a kit in what it is kept in, as the page that was printed; else all of it."""
    found = _ANYWHERE.search(text)
    return text if found is None else found[0]
