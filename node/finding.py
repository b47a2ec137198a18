"""Finding people beyond this node: what the directory door asks of the network, without libp2p.

``node/dht/service.py`` does it; until libp2p is there, and where it is switched
off, ``Nowhere`` says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from formats.errors import Unreachable
from formats.whereabouts import Home
from storage.contracts import Transaction, View

_CHOSE: Final = "published "


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was found under a key: values whose signatures hold, several only if they differ.

    ``time``: when they were found, in milliseconds. ``asked``: how many nodes were.
    """

    values: tuple[bytes, ...]
    time: int
    asked: int


@dataclass(frozen=True, slots=True)
class Publication:
    """How one person was last published: of ``asked`` nodes ``stored`` keep it.

    The lesser count of the two keys, by id and by handle. ``time`` in milliseconds.
    """

    stored: int
    asked: int
    time: int


class Finder(Protocol):
    """Finds and publishes people."""

    async def find(self, key: bytes, newest: bool, hints: Sequence[Home]) -> Sighting:
        """Whoever is published under a key, within seconds; nobody is an empty sighting.

        ``newest``: ask several nodes, whatever is remembered. ``hints``: nodes to begin
        with. Raises Unreachable when there is nobody to ask.
        """
        ...

    async def publish(self, id: bytes, hints: Sequence[Home]) -> Publication:
        """Publish a person of this node now, and keep them published."""
        ...

    def changed(self, id: bytes) -> None:
        """This person's records, or whether they are published, changed."""
        ...

    def publication(self, id: bytes) -> Publication | None:
        """How they were published last, None if not since the start."""
        ...


def is_published(view: View, id: bytes) -> bool:
    """Whether this person chose to be found by strangers."""
    return view.setting(_CHOSE + id.hex()) == b"\x01"


def choose(tx: Transaction, id: bytes, published: bool) -> None:
    """Note what they chose."""
    tx.put_setting(_CHOSE + id.hex(), b"\x01" if published else b"")


def forget_choice(tx: Transaction, id: bytes) -> None:
    """There is no such account any more."""
    tx.delete_setting(_CHOSE + id.hex())


class Nowhere:
    """No network to find anybody in. ``why``: words for the person who asks."""

    def __init__(self, why: str, hint: str | None = None) -> None:
        self._why = why
        self._hint = hint

    async def find(self, key: bytes, newest: bool, hints: Sequence[Home]) -> Sighting:
        """Raises Unreachable."""
        raise Unreachable(self._why, hint=self._hint)

    async def publish(self, id: bytes, hints: Sequence[Home]) -> Publication:
        """Raises Unreachable."""
        raise Unreachable(self._why, hint=self._hint)

    def changed(self, id: bytes) -> None:
        """Nobody is told."""

    def publication(self, id: bytes) -> Publication | None:
        """None."""
        return None
