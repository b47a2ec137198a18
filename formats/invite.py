"""Invites: the right to make one account on somebody's node, in one line.

    text  = "holdfast-invite1:" ... (formats.paper)
    value = {v, peer, addresses, code, expires}

The node keeps the hash of ``code``. An invite is spent by the account it makes.
"""

from dataclasses import dataclass
from typing import Final

from formats.dag_cbor import Value
from formats.errors import BadInvite, Expired
from formats.fields import Fields
from formats.limits import PEER, TOKEN
from formats.paper import read, write
from formats.whereabouts import Home, read_addresses

_KIND: Final = "invite"


@dataclass(frozen=True, slots=True)
class Invite:
    """A node, where it is, and a code it knows, good until ``expires`` (milliseconds)."""

    peer: bytes
    addresses: tuple[str, ...]
    code: bytes
    expires: int

    @classmethod
    def parse(cls, text: str) -> "Invite":
        """Read an invite; white space in it does not matter. Raises BadInvite or UnknownVersion."""
        return read(_KIND, text, BadInvite, cls._read)

    @classmethod
    def _read(cls, fields: Fields) -> "Invite":
        return cls(
            peer=fields.bytes_("peer", minimum=1, maximum=PEER),
            addresses=read_addresses(fields),
            code=fields.bytes_("code", TOKEN),
            expires=fields.uint("expires"),
        )

    @property
    def text(self) -> str:
        """The invite as text: one line."""
        addresses: list[Value] = [*self.addresses]
        return write(
            _KIND,
            {
                "v": 1,
                "peer": self.peer,
                "addresses": addresses,
                "code": self.code,
                "expires": self.expires,
            },
        )

    @property
    def home(self) -> Home:
        """The node, as a home to dial."""
        return Home(self.peer, self.addresses)

    def check_current(self, now: int) -> None:
        """Return if it is still good by its date; raises Expired."""
        if now >= self.expires:
            raise Expired("this invite expired")
