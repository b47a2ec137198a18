"""Contact cards: everything to follow somebody, in one line or QR code, with no network.

    text  = "holdfast-card1:" ... (formats.paper)
    value = {v, id, head, name, homes, token, expires, uses}

``head`` is the hash of the newest identity record, with which a home answers
and which later chains must contain. ``token`` lets that many first messages in
until ``expires`` (milliseconds). A card is a secret between two people in so far
as who holds it may knock; it opens nothing.
"""

from dataclasses import dataclass
from typing import Final

from formats.dag_cbor import Value
from formats.drop import MAX_USES
from formats.errors import BadCard, Expired
from formats.fields import Fields
from formats.limits import ID, TOKEN
from formats.paper import read, write
from formats.whereabouts import Home, primary, read_account_name, read_homes

CARD_LIFE: Final = 30 * 24 * 60 * 60 * 1000
"""How long a card's token is usually good, in milliseconds."""

_KIND: Final = "card"


@dataclass(frozen=True, slots=True)
class Card:
    """Who, where, and a token to knock with."""

    id: bytes
    head: bytes
    name: str
    homes: tuple[Home, ...]
    token: bytes
    expires: int
    uses: int

    @classmethod
    def parse(cls, text: str) -> "Card":
        """Read a card; white space in it does not matter. Raises BadCard or UnknownVersion."""
        return read(_KIND, text, BadCard, cls._read)

    @classmethod
    def _read(cls, fields: Fields) -> "Card":
        return cls(
            id=fields.bytes_("id", ID),
            head=fields.bytes_("head", ID),
            name=read_account_name(fields, "name"),
            homes=read_homes(fields, signed=False),
            token=fields.bytes_("token", TOKEN),
            expires=fields.uint("expires"),
            uses=fields.integer("uses", 1, MAX_USES),
        )

    @property
    def text(self) -> str:
        """The card as text: one line."""
        homes: list[Value] = [home.value() for home in self.homes]
        return write(
            _KIND,
            {
                "v": 1,
                "id": self.id,
                "head": self.head,
                "name": self.name,
                "homes": homes,
                "token": self.token,
                "expires": self.expires,
                "uses": self.uses,
            },
        )

    @property
    def home(self) -> Home:
        """The one node that is the home."""
        return primary(self.homes)

    def check_current(self, now: int) -> None:
        """Return if the token is still good by its date; raises Expired."""
        if now >= self.expires:
            raise Expired("this card expired", hint="ask for a new card")


def is_card(text: str) -> bool:
    """Whether a text is meant to be a card, whatever is wrong with it."""
    return text.strip().startswith("holdfast-card")
