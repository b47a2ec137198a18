"""Which node an account of this data folder lives on, when it is not this one.

``people/homes.json``, written when somebody signed up or in at another node, so that
``holdfast login NAME`` finds it again. It holds what the other node knows anyway.
"""

import json
import re
from pathlib import Path
from typing import Final

from client.private_file import write_private
from formats.base58 import from_base58
from formats.errors import StorageFailed, Usage
from formats.invite import Invite
from formats.whereabouts import Home
from frontends.place import Place

_ADDRESS: Final = re.compile(r"(/[a-z0-9]+/[^/]+.*)/p2p/([1-9A-HJ-NP-Za-km-z]{1,128})")


def parse_at(text: str) -> tuple[Home, bytes | None]:
    """The node that ``--at`` names, and the invite's code if it was an invite.

    An invite, or an address that ends in ``/p2p/PEER``. Raises BadInvite or Usage.
    """
    found = _ADDRESS.fullmatch(text.strip())
    if found is not None:
        return Home(from_base58(found[2]), (found[1],)), None
    if text.strip().startswith("/"):
        raise Usage(
            "an address of a node ends with its peer id",
            hint="as in /ip4/192.0.2.7/tcp/4061/p2p/12D3KooW…; 'holdfast status' there shows it",
        )
    invite = Invite.parse(text)
    return Home(invite.peer, invite.addresses), invite.code


class Homes:
    """The file. Small, read and written whole."""

    def __init__(self, place: Place) -> None:
        self._folder: Final = Path(place.people)
        self._file: Final = self._folder / "homes.json"

    @property
    def folder(self) -> Path:
        """Where clients keep their things; made, for its owner alone."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFailed(f"{self._folder}: {error.strerror}") from None
        return self._folder

    def find(self, name: str) -> Home | None:
        """The home of an account that was here before; None if it is not known."""
        kept = self._read().get(name)
        if not isinstance(kept, dict):
            return None
        peer, addresses = kept.get("peer"), kept.get("addresses")
        if not isinstance(peer, str) or not isinstance(addresses, list):
            return None
        return Home(from_base58(peer), tuple(str(each) for each in addresses))

    def keep(self, name: str, home: Home | None, peer: str) -> None:
        """Remember where an account lives; None: on this node. ``peer``: the id as text."""
        before = self._read()
        known = {other: kept for other, kept in before.items() if other != name}
        if home is not None:
            known[name] = {"peer": peer, "addresses": list(home.addresses)}
        if known == before:
            return
        write_private(self.folder / self._file.name, json.dumps(known, indent=1).encode("utf-8"))

    def _read(self) -> dict[str, object]:
        try:
            value = json.loads(self._file.read_text("utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError) as error:
            raise StorageFailed(
                f"{self._file} cannot be read: {error}",
                hint="move it away; 'holdfast login NAME --at ADDRESS' makes it again",
            ) from None
        return value if isinstance(value, dict) else {}
