"""Receipts of homes that were left: what the owner signed, and what the home signed for it.

    kept = {v, name, home: {peer, addresses}, chain, farewell, receipt?}

A file each, ``receipt-<id>-<peer>``, beside what else is kept for people on this machine. Nothing
in it is secret; anybody can verify it, and only who has the farewell's key could have made it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from client.private_file import write_private
from crypto.hashing import sha256
from formats.dag_cbor import Value, decode, encode
from formats.errors import HoldfastError
from formats.farewell import Farewell, Receipt
from formats.fields import Fields
from formats.identity import MAX_CHAIN, IdentityChain
from formats.limits import PEER
from formats.whereabouts import MAX_ADDRESSES, Home

MAX_KEPT: Final = 4 * 1024 * 1024
_WHAT: Final = "kept receipt"


@dataclass(frozen=True, slots=True)
class Kept:
    """A farewell to ``home`` under the account name ``name``; ``receipt`` once there is one."""

    name: str
    home: Home
    chain: IdentityChain
    farewell: Farewell
    receipt: bytes | None = None

    @property
    def encoded(self) -> bytes:
        """As it is kept."""
        home: Value = {"peer": self.home.peer, "addresses": list(self.home.addresses)}
        value: dict[str, Value] = {
            "v": 1,
            "name": self.name,
            "home": home,
            "chain": list(self.chain.encoded),
            "farewell": self.farewell.encoded,
        }
        return encode(value if self.receipt is None else {**value, "receipt": self.receipt})

    @classmethod
    def decode(cls, data: bytes) -> "Kept":
        """Read one and verify it; raises Malformed, UnknownVersion, Forged."""
        fields = Fields(decode(data), _WHAT)
        fields.version()
        home = Fields(fields.map_("home"), f"{_WHAT} home")
        records = [each for each in fields.list_("chain", MAX_CHAIN) if isinstance(each, bytes)]
        kept = cls(
            name=fields.text("name", 32),
            home=Home(
                home.bytes_("peer", minimum=1, maximum=PEER),
                tuple(map(str, home.list_("addresses", MAX_ADDRESSES))),
            ),
            chain=IdentityChain.decode(records),
            farewell=Farewell.decode(fields.bytes_("farewell")),
            receipt=fields.optional_bytes("receipt"),
        )
        home.done()
        fields.done()
        kept.farewell.verify(kept.chain)
        kept.said()
        return kept

    def said(self) -> Receipt | None:
        """What the home signed, verified; None: nothing is known of that. Raises Forged."""
        if self.receipt is None:
            return None
        return Receipt.read(self.receipt, self.home.peer, self.farewell)


class Receipts:
    """All of one folder; None keeps them in memory only. Its methods take a worker thread."""

    def __init__(self, folder: Path | None) -> None:
        self._folder: Final = folder
        self._kept: Final[dict[str, bytes]] = {}

    def keep(self, kept: Kept) -> None:
        """Keep it, in place of an earlier one to the same home; raises StorageFailed."""
        name = _called(kept.farewell.id, kept.home.peer)
        if self._folder is None:
            self._kept[name] = kept.encoded
        else:
            write_private(self._folder / name, kept.encoded)

    def path(self, kept: Kept) -> Path | None:
        """Where it is kept."""
        name = _called(kept.farewell.id, kept.home.peer)
        return None if self._folder is None else self._folder / name

    def begun(self, id: bytes, peer: bytes) -> Kept | None:
        """A farewell to this home of which it is not known what became of it."""
        fits = [each for each in self.all() if (each.farewell.id, each.home.peer) == (id, peer)]
        return next((each for each in fits if each.receipt is None), None)

    def all(self) -> list[Kept]:
        """Every one that verifies, oldest first."""
        found = [Kept.decode(each) for each in self._raw() if _is_whole(each)]
        return sorted(found, key=lambda each: each.farewell.time)

    def _raw(self) -> list[bytes]:
        if self._folder is None:
            return list(self._kept.values())
        files = [each for each in self._folder.glob("receipt-*") if each.suffix != ".new"]
        return [each.read_bytes() for each in sorted(files) if each.stat().st_size <= MAX_KEPT]


def _is_whole(data: bytes) -> bool:
    try:
        Kept.decode(data)
    except HoldfastError:
        return False
    return True


def _called(id: bytes, peer: bytes) -> str:
    return f"receipt-{id.hex()[:16]}-{sha256(peer).hex()[:16]}"
